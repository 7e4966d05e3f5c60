import asyncio

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from tests.unit.judge.fakes import (
    FakeTokenizer,
    expected_score,
    version,
)
from tests.unit.judge.served import (
    CONTEXT,
    VOCABULARY,
    compare,
    fields_at_fault,
    item,
    refused,
    score,
    serving,
)

from ratchet.process.packed import pack_u32
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.judge_service_pb2 import (
    CritiqueRequest,
    ListJudgesRequest,
    ScoreGroupRequest,
    ScoreItem,
)


async def test_every_item_gets_its_own_score_and_the_versions_that_made_it() -> None:
    async with serving() as judge:
        judge.versions.serve(version(7))
        items = [item("one"), item("other", "another"), item("three")]
        reply = await judge.stub.Score(score(*items))
    assert [scored.judgement.score for scored in reply.items] == [
        expected_score(7, list(map(ord, it.completion))) for it in items
    ]
    assert (reply.judge_version, reply.standard_id, reply.standard_version) == (7, "shop", 3)
    known, unknown = reply.items[0].judgement.criteria
    assert (known.broken, list(known.broken_bootstrap)) == (0.75, [0.5, 1.0])
    assert not unknown.HasField("broken") and not unknown.broken_bootstrap


async def test_answers_to_one_prompt_are_scored_behind_it_together() -> None:
    async with serving() as judge:
        judge.versions.serve(version())
        await judge.stub.Score(score(item("one"), item("two", "another"), item("three")))
    assert sorted(len(group.completion_ids) for group in judge.model.groups) == [1, 2]


async def test_an_answer_that_does_not_fit_spoils_no_other() -> None:
    async with serving() as judge:
        judge.versions.serve(version())
        reply = await judge.stub.Score(score(item("x" * CONTEXT), item("fine"), item("☠")))
    too_long, fine, nan = (scored.judgement for scored in reply.items)
    assert (too_long.error.code, too_long.error.field) == (3, "items[0].completion")
    assert fine.score == expected_score(1, list(map(ord, "fine")))
    assert (nan.error.code, nan.error.field) == (13, "items[2].completion")
    assert not nan.criteria and not too_long.criteria


async def test_a_long_prompt_is_cut_from_the_left_only_where_allowed() -> None:
    long = item("fine", "abcdefghijklmnopqrstuvwxyz")
    async with serving() as judge:
        judge.versions.serve(version())
        refused_ = await judge.stub.Score(score(long))
        cut = await judge.stub.Score(score(long, item("ok"), truncate=True))
        hopeless = await judge.stub.Score(score(item("x" * CONTEXT), truncate=True))
    assert refused_.items[0].judgement.error.code == 3
    assert [scored.truncated for scored in cut.items] == [True, False]
    assert "".join(map(chr, judge.model.groups[0].prompt_ids)) == "klmnopqrstuvwxyz"
    assert hopeless.items[0].judgement.error.code == 3


def has_retry_hint(error: grpc.aio.AioRpcError) -> bool:
    [detail] = rpc_status.from_call(error).details
    return detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR)


async def test_overload_is_refused_with_a_retry_hint() -> None:
    async with serving(scoring=False, max_queue=20) as judge:
        judge.versions.serve(version())
        first = judge.stub.Score(score(item("x" * 12)))
        while not judge.queue.queued_tokens:
            await asyncio.sleep(0)
        error = await refused(judge.stub.Score(score(item())))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert has_retry_hint(error)
        first.cancel()


async def test_texts_that_a_full_queue_refuses_are_not_tokenized(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tokenized: list[str] = []
    completion_ids = FakeTokenizer.completion_ids

    def noted(tokenizer: FakeTokenizer, text: str) -> tuple[int, ...]:
        tokenized.append(text)
        return completion_ids(tokenizer, text)

    monkeypatch.setattr(FakeTokenizer, "completion_ids", noted)
    async with serving(scoring=False, max_queue=20) as judge:
        judge.versions.serve(version())
        first = judge.stub.Score(score(item("x" * 12, "y" * 7)))
        while not judge.queue.queued_tokens:
            await asyncio.sleep(0)
        tokenized.clear()
        for call in (
            judge.stub.Score(score(item("one"), item("two"))),
            judge.stub.Compare(compare()),
        ):
            error = await refused(call)
            assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert has_retry_hint(error)
        assert tokenized == []
        first.cancel()


@pytest.mark.parametrize("leave", ["cancel", "deadline"])
async def test_a_call_whose_caller_has_gone_never_reaches_the_model(leave: str) -> None:
    async with serving(scoring=False) as judge:
        judge.versions.serve(version())
        call = judge.stub.Score(score(item()), timeout=0.2 if leave == "deadline" else None)
        waiting = asyncio.ensure_future(refused(call)) if leave == "deadline" else None
        while not judge.queue.queued_tokens:
            await asyncio.sleep(0)
        if waiting:
            assert (await waiting).code() is grpc.StatusCode.DEADLINE_EXCEEDED
        else:
            call.cancel()
        while judge.queue.queued_tokens:
            await asyncio.sleep(0.001)
        scoring = asyncio.create_task(judge.queue.run())
        await judge.stub.Score(score(item("later")))
        scoring.cancel()
    assert [group.completion_ids for group in judge.model.groups] == [(tuple(map(ord, "later")),)]


async def test_compare_prefers_the_answer_that_beats_the_anchor_more_often() -> None:
    async with serving() as judge:
        judge.versions.serve(version())
        reply = await judge.stub.Compare(compare("ok", "longer"))
        mirrored = await judge.stub.Compare(compare("longer", "ok"))
        same = await judge.stub.Compare(compare("same", "same"))
    # The fake's odds against the anchor are 1 : tokens, so 6 : 2 between the two.
    assert reply.a_preferred == pytest.approx(0.75)
    assert mirrored.a_preferred == pytest.approx(0.25)
    assert same.a_preferred == 0.5
    assert reply.item_a.judgement.preferred_to_anchor == pytest.approx(1 / 3)
    assert len(judge.model.groups[0].completion_ids) == 2


async def test_compare_without_a_score_is_an_error() -> None:
    async with serving() as judge:
        judge.versions.serve(version())
        error = await refused(judge.stub.Compare(compare("☠", "fine")))
    assert error.code() is grpc.StatusCode.INTERNAL
    assert "completion_a" in error.details()


async def test_a_group_of_texts_or_of_token_ids_scores_as_its_items_and_reads_its_prompt_once() -> (
    None
):
    turns = [Message(role="user", content="help")]
    answers = ["fine", "or", "not"]
    texts = ScoreGroupRequest(messages=turns, completions=answers)
    ids = ScoreGroupRequest(
        prompt_token_ids=pack_u32([ord(c) for c in "help"]),
        completion_token_ids=[pack_u32([ord(c) for c in answer]) for answer in answers],
    )
    async with serving() as judge:
        judge.versions.serve(version(4))
        one_by_one = await judge.stub.Score(score(*map(item, answers)))
        for request_ in (texts, ids):
            judge.model.batches.clear()
            reply = await judge.stub.ScoreGroup(request_)
            assert [found.judgement for found in reply.items] == [
                found.judgement for found in one_by_one.items
            ]
            assert (reply.judge, reply.judge_version, reply.standard_id) == ("serving", 4, "shop")
            assert len(judge.model.groups) == 1


async def test_an_id_outside_the_vocabulary_fails_its_item_alone() -> None:
    bad = ScoreItem(prompt_token_ids=pack_u32([1]), completion_token_ids=pack_u32([VOCABULARY]))
    async with serving() as judge:
        judge.versions.serve(version())
        reply = await judge.stub.Score(score(bad, item()))
    assert reply.items[0].judgement.error.code == 3
    assert "vocabulary" in reply.items[0].judgement.error.message
    assert not reply.items[1].judgement.HasField("error")


async def test_an_unknown_judge_is_not_found_and_the_known_are_listed() -> None:
    async with serving() as judge:
        judge.versions.serve(version(1))
        judge.versions.serve(version(2))
        error = await refused(judge.stub.Score(score(item(), judge="nobody")))
        assert error.code() is grpc.StatusCode.NOT_FOUND
        assert fields_at_fault(error) == ["judge"]
        [info] = (await judge.stub.ListJudges(ListJudgesRequest())).judges
    assert (info.name, info.kind, list(info.versions)) == ("serving", "learned", [2, 1])
    assert (info.standard_id, info.context_tokens) == ("shop", CONTEXT)


async def test_a_judge_that_only_scores_refuses_to_write() -> None:
    turns = [Message(role="user", content="help")]
    async with serving() as judge:
        judge.versions.serve(version())
        request_ = CritiqueRequest(messages=turns, completion="fine")
        error = await refused(judge.stub.Critique(request_))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert fields_at_fault(error) == ["judge"]


async def test_an_answer_that_comes_again_is_answered_without_the_model_and_says_so() -> None:
    async with serving(cached_scores=8) as judge:
        judge.versions.serve(version(1))
        first = await judge.stub.Score(score(item("one"), item("two")))
        again = await judge.stub.Score(score(item("three"), item("two"), item("one")))
        assert [each.cached for each in first.items] == [False, False]
        assert [each.cached for each in again.items] == [False, True, True]
        assert again.items[1].judgement == first.items[1].judgement
        assert again.items[2].judgement == first.items[0].judgement
        scored = [len(group.completion_ids) for _, batch in judge.model.batches for group in batch]
        assert sum(scored) == 3
        judge.versions.serve(version(2))
        anew = await judge.stub.Score(score(item("one")))
        assert not anew.items[0].cached
        assert anew.items[0].judgement.score == first.items[0].judgement.score + 1
