"""The clients against the real servicer; what stands behind it is a judge that counts words."""

import asyncio
import subprocess
import sys
from collections.abc import Callable

import grpc
import pytest
from tests.unit.client.word_count import BROKEN, WordCount, serving

from ratchet.client import AsyncJudgeClient, JudgeCallError, JudgeClient, Retries, trl_reward
from ratchet.client.target import grpc_target
from ratchet.process.errors import InvalidField, Overloaded, RpcFault, TooLarge, Unavailable

Question = Callable[[JudgeClient], object]


async def ask(target: str, question: Question, **options: object) -> object:
    """Asks from a thread, as an app would: the server runs in this one."""

    def blocking() -> object:
        with JudgeClient(target, **options) as client:
            return question(client)

    return await asyncio.to_thread(blocking)


async def test_an_answer_a_group_and_a_batch_come_back_in_order_with_who_scored_them() -> None:
    async with serving(WordCount()) as target:
        one = await ask(target, lambda judge: judge.score("hi", "one two three"))
        group = await ask(target, lambda judge: judge.score("hi", ["one", "one two"]))
        ids = await ask(target, lambda judge: judge.score([1, 2], [[5, 6, 7, 8], [9]]))
        batch = await ask(target, lambda judge: judge.score_batch([("a", "x y"), ("b", "x")]))
    assert (one.score, one.spread, one.error) == (3, 0.5, None)
    assert (one.judge, one.judge_version, one.standard_id) == ("serving", 7, "shop")
    assert [criterion.broken for criterion in one.criteria] == [0.0, None]
    assert [found.score for found in group] == [1, 2]
    assert [found.score for found in ids] == [4, 1]
    assert [found.score for found in batch] == [2, 1]


async def test_a_failed_item_has_an_error_in_its_place_and_no_score() -> None:
    async with serving(WordCount()) as target:
        good, bad = await ask(target, lambda judge: judge.score("hi", ["fine", BROKEN]))
    assert (good.score, good.error) == (1, None)
    assert (bad.score, bad.spread, bad.preferred_to_anchor) == (None, None, None)
    assert (bad.error.code, bad.error.field) == (grpc.StatusCode.INTERNAL, "completions[1]")


async def test_the_awaiting_client_says_the_same() -> None:
    async with serving(WordCount()) as target, AsyncJudgeClient(target) as judge:
        group = await judge.score([{"role": "user", "content": "hi"}], ["one", "one two"])
        compared = await judge.compare("hi", "a b c", "a")
        [info] = await judge.judges()
        with pytest.raises(JudgeCallError, match="judge: 'serving' writes no critiques"):
            await judge.critique("hi", "a")
    assert [found.score for found in group] == [1, 2]
    assert compared.a_preferred > 0.5
    assert (compared.score_a.score, compared.score_b.score) == (3, 1)
    assert (info.kind, info.takes_token_ids) == ("word count", True)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (lambda judge: judge.score([{"role": "user"}], "x"), r"messages\[0\]\.content"),
        (lambda judge: judge.score("hi", [-1]), "token ids"),
        (lambda judge: judge.score("hi", [b"bytes"]), "completion"),
        (lambda judge: judge.score("hi", ["text", [1, 2]]), "mixed"),
    ],
)
async def test_what_cannot_be_sent_is_a_value_error_that_names_it(
    question: Question, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        await ask("127.0.0.1:1", question)


@pytest.mark.parametrize("target", ["localhost", ":50051", "a:b", "127.0.0.1:1,nowhere"])
def test_a_target_without_a_port_is_refused_at_once(target: str) -> None:
    with pytest.raises(ValueError, match="target"):
        JudgeClient(target)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("judge:50051", "dns:///judge:50051"),
        ("dns:50051", "dns:///dns:50051"),
        ("ipv4:127.0.0.1:1", "ipv4:127.0.0.1:1"),
        ("127.0.0.1:1, 127.0.0.1:2", "ipv4:127.0.0.1:1,127.0.0.1:2"),
    ],
)
def test_what_a_target_means(target: str, expected: str) -> None:
    assert grpc_target(target) == expected


async def test_an_overloaded_server_is_asked_again_when_it_said() -> None:
    judge = WordCount()
    judge.faults = [Overloaded(0.02), Overloaded(0.02)]
    async with serving(judge) as target:
        found = await ask(target, lambda client: client.score("hi", "one"))
    assert found.score == 1
    assert len(judge.calls) == 3


async def test_no_retry_beyond_the_deadline_or_the_budget() -> None:
    judge = WordCount()
    judge.faults = [Overloaded(3600), Overloaded(0.01), Overloaded(0.01)]
    async with serving(judge) as target:
        with pytest.raises(JudgeCallError) as caught:
            await ask(target, lambda client: client.score("hi", "one"), deadline=60.0)
        assert caught.value.retry_seconds == 3600
        assert len(judge.calls) == 1
        with pytest.raises(JudgeCallError):
            await ask(target, lambda client: client.score("hi", "one"), retries=Retries(attempts=2))
    assert len(judge.calls) == 3


async def test_unavailable_is_tried_again_and_a_bad_request_is_not() -> None:
    judge = WordCount()
    judge.faults = [Unavailable("not yet")]
    async with serving(judge) as target:
        found = await ask(target, lambda client: client.score("hi", "one"))
        assert (found.score, len(judge.calls)) == (1, 2)
        judge.faults = [InvalidField("items", "are odd")]
        with pytest.raises(JudgeCallError, match="items: are odd"):
            await ask(target, lambda client: client.score("hi", "one"))
    assert len(judge.calls) == 3


async def test_what_only_a_smaller_message_would_help_is_not_tried_again() -> None:
    judge = WordCount()
    judge.faults = [TooLarge("message_size", 20, 10)]
    async with serving(judge) as target:
        with pytest.raises(JudgeCallError, match="message_size: 20 bytes") as caught:
            await ask(target, lambda client: client.score("hi", "one"))
        assert caught.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        judge.faults = [TooLarge("message_size", 20, 10)]
        async with AsyncJudgeClient(target) as client:
            with pytest.raises(JudgeCallError, match="message_size: 20 bytes"):
                await client.score("hi", "one")
    assert len(judge.calls) == 2


class CancelledByServer(RpcFault):
    code = grpc.StatusCode.CANCELLED.value[0]


async def test_a_call_that_the_servers_own_grpc_did_not_take_up_is_tried_again() -> None:
    judge = WordCount()
    judge.faults = [CancelledByServer("too many wait")]
    async with serving(judge) as target:
        found = await ask(target, lambda client: client.score("hi", "one"))
    assert (found.score, len(judge.calls)) == (1, 2)


async def test_calls_are_spread_over_replicas() -> None:
    first, second = WordCount(), WordCount()
    async with serving(first) as one, serving(second) as other:

        def until_both(judge: JudgeClient) -> int:
            for count in range(1000):
                judge.score("hi", "one")
                if first.calls and second.calls:
                    return count
            return -1

        assert await ask(f"{one},{other}", until_both) >= 0


async def test_a_client_waits_for_a_server_that_is_not_up_yet() -> None:
    async with serving(WordCount()) as target:
        port = int(target.rpartition(":")[2])
    async with AsyncJudgeClient(target) as judge:
        waiting = asyncio.create_task(judge.score("hi", "one"))
        await asyncio.sleep(0)
        async with serving(WordCount(), port):
            assert (await waiting).score == 1


async def test_a_reward_function_takes_the_spread_off_and_leaves_out_what_failed() -> None:
    async with serving(WordCount()) as target:
        reward = trl_reward(target, spread_penalty=2.0)
        prompts = ["hi", [{"role": "user", "content": "hi"}], "hi"]
        completions = ["one two three", [{"role": "assistant", "content": "one two"}], BROKEN]
        found = await asyncio.to_thread(reward, prompts, completions, unused=1)
    assert found == [2, 1, None]


def test_importing_the_client_needs_grpc_and_protobuf_alone() -> None:
    others = ["google.rpc", "kafka", "numpy", "prometheus_client", "pydantic", "torch", "vllm"]
    code = f"import sys, ratchet.client; print([n for n in {others} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
