"""Which version answers, and that a swap drops and mixes nothing."""

import asyncio
import gc
import weakref
from collections.abc import Callable, Sequence

import grpc
import pytest
from tests.unit.judge.fakes import (
    expected_score,
    version,
)
from tests.unit.judge.served import (
    compare,
    fields_at_fault,
    item,
    refused,
    score,
    serving,
)

from ratchet.judge.versions import JudgeVersion, Versions
from ratchet.reward.packing import TokenGroup


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"standard_id": "nowhere"}, "standard_id"),
        ({"judge_version": 99}, "judge_version"),
        ({"judge_version": 1}, "judge_version"),
    ],
)
async def test_what_is_not_there_is_not_found(fields: dict[str, object], field: str) -> None:
    async with serving() as judge:
        for number in (1, 2, 3):
            judge.versions.serve(version(number))
        for call in (
            judge.stub.Score(score(item(), **fields)),
            judge.stub.Compare(compare(**fields)),
        ):
            error = await refused(call)
            assert error.code() is grpc.StatusCode.NOT_FOUND
            assert fields_at_fault(error) == [field]


async def test_the_previous_version_can_still_be_asked_for() -> None:
    async with serving() as judge:
        for number in (1, 2, 3):
            judge.versions.serve(version(number))
        assert (await judge.stub.Score(score(item(), judge_version=2))).judge_version == 2
        assert (await judge.stub.Score(score(item()))).judge_version == 3


@pytest.mark.parametrize("standard_id", ["", "shop", "not-judged-yet"])
async def test_before_a_judge_is_proven_it_is_unavailable(standard_id: str) -> None:
    async with serving() as judge:
        error = await refused(judge.stub.Score(score(item(), standard_id=standard_id)))
        assert error.code() is grpc.StatusCode.UNAVAILABLE
        error = await refused(judge.stub.Score(score(item(), standard_id="nowhere")))
        assert error.code() is grpc.StatusCode.NOT_FOUND


async def test_a_swap_during_calls_drops_none_and_mixes_no_versions() -> None:
    async with serving() as judge:
        judge.versions.serve(version(1))
        swaps = iter(range(2, 100))
        judge.model.before = swap_before_each_batch(judge.versions, swaps.__next__)
        replies = await asyncio.gather(
            *(judge.stub.Score(score(item(f"a{i}"), item(f"b{i}", "what"))) for i in range(40))
        )
    for i, reply in enumerate(replies):
        assert [scored.judgement.score for scored in reply.items] == [
            expected_score(reply.judge_version, list(map(ord, text))) for text in (f"a{i}", f"b{i}")
        ]


async def test_of_many_versions_two_are_kept_and_those_in_use_until_they_have_answered() -> None:
    async with serving(scoring=False) as judge:
        versions = [version(number) for number in range(1, 9)]
        alive = [weakref.ref(each) for each in versions]
        judge.versions.serve(versions[0])
        call = judge.stub.Score(score(item()))
        while not judge.queue.queued_tokens:
            await asyncio.sleep(0)
        for each in versions[1:]:
            judge.versions.serve(each)
        del versions, each
        gc.collect()
        assert numbers_of(alive) == [1, 7, 8]
        scoring = asyncio.create_task(judge.queue.run())
        assert (await call).judge_version == 1
        scoring.cancel()
        await asyncio.gather(scoring, return_exceptions=True)
        gc.collect()
        assert numbers_of(alive) == [7, 8]


def numbers_of(versions: "Sequence[weakref.ref[JudgeVersion]]") -> list[int]:
    return [found.number for ref in versions if (found := ref())]


def swap_before_each_batch(
    versions: Versions, next_number: Callable[[], int]
) -> Callable[[Sequence[TokenGroup]], None]:
    return lambda groups: versions.serve(version(next_number()))
