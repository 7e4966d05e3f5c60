"""The judge named `candidate`, while a version waits to be proven and after."""

import asyncio
import gc
import weakref

import grpc
from tests.unit.judge.fakes import expected_score, version
from tests.unit.judge.served import Serving, fields_at_fault, item, refused, score, serving

from ratchet.judge.judges.settings import CANDIDATE
from ratchet.judge.versions import JudgeVersion
from ratchet.v1.judge_service_pb2 import ListJudgesRequest


async def propose(judge: Serving, candidate: JudgeVersion | None) -> None:
    """As the watcher does, from its thread."""
    await asyncio.to_thread(judge.candidate.take, candidate)


async def listed(judge: Serving) -> dict[str, list[int]]:
    reply = await judge.stub.ListJudges(ListJudgesRequest())
    return {info.name: list(info.versions) for info in reply.judges}


async def test_it_is_asked_by_its_name_while_the_other_serves() -> None:
    async with serving() as judge:
        judge.versions.serve(version(4))
        await propose(judge, version(5))
        by_name = await judge.stub.Score(score(item("one"), judge=CANDIDATE))
        by_number = await judge.stub.Score(score(item("one"), judge=CANDIDATE, judge_version=5))
        default = await judge.stub.Score(score(item("one")))
        assert await listed(judge) == {"serving": [4], CANDIDATE: [5]}
    assert (by_name.judge, by_name.judge_version, by_name.standard_id) == (CANDIDATE, 5, "shop")
    assert by_name.items[0].judgement.score == expected_score(5, list(map(ord, "one")))
    assert by_number.judge_version == 5
    assert (default.judge, default.judge_version) == ("serving", 4)


async def test_where_there_is_none_it_is_not_found_and_not_listed() -> None:
    async with serving() as judge:
        judge.versions.serve(version(4))
        for _ in range(2):
            error = await refused(judge.stub.Score(score(item(), judge=CANDIDATE)))
            assert error.code() is grpc.StatusCode.NOT_FOUND
            assert fields_at_fault(error) == ["judge"]
            assert error.details() == "judge: there is no candidate: no version waits to be proven"
            assert await listed(judge) == {"serving": [4]}
            await propose(judge, version(5))
            await judge.stub.Score(score(item(), judge=CANDIDATE))
            await propose(judge, None)


async def test_it_can_be_tried_before_any_judge_is_proven() -> None:
    async with serving() as judge:
        await propose(judge, version(1))
        assert (await judge.stub.Score(score(item(), judge=CANDIDATE))).judge_version == 1
        error = await refused(judge.stub.Score(score(item())))
        assert error.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_version_belongs_to_the_judge_that_is_named() -> None:
    """Or a tenant that may call `serving` alone would reach the candidate by its number."""
    async with serving() as judge:
        judge.versions.serve(version(4))
        await propose(judge, version(5))
        for name, number in (("serving", 5), (CANDIDATE, 4)):
            request = score(item(), judge=name, judge_version=number)
            error = await refused(judge.stub.Score(request))
            assert error.code() is grpc.StatusCode.NOT_FOUND
            assert fields_at_fault(error) == ["judge_version"]


async def test_of_many_candidates_the_last_is_kept_and_one_in_use_until_it_has_answered() -> None:
    async with serving(scoring=False) as judge:
        candidates = [version(number) for number in range(1, 8)]
        alive = [weakref.ref(candidate) for candidate in candidates]
        await propose(judge, candidates[0])
        call = judge.stub.Score(score(item("one"), judge=CANDIDATE))
        while not judge.queue.queued_tokens:
            await asyncio.sleep(0)
        for candidate in candidates[1:]:
            await propose(judge, candidate)
        del candidate, candidates
        assert await listed(judge) == {"serving": [], CANDIDATE: [7]}
        gc.collect()
        assert [ref() and ref().number for ref in alive if ref()] == [1, 7]
        scoring = asyncio.create_task(judge.queue.run())
        assert (await call).judge_version == 1
        scoring.cancel()
        await asyncio.gather(scoring, return_exceptions=True)
        gc.collect()
        assert [ref().number for ref in alive if ref()] == [7]
