import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.unit.judge.fakes import NAN_ID, FakeModel, expected_score, queue_before, version

from ratchet.judge.checker import Checker
from ratchet.judge.engines.base import Limits
from ratchet.judge.rollout_judge import RolloutJudge
from ratchet.judge.versions import Versions
from ratchet.process.lease import ComputeLease
from ratchet.process.packed import pack_u32
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import Completion, RolloutGroup

LIMITS = Limits(context_tokens=10, vocabulary=0x3000)
INVALID_ARGUMENT, INTERNAL, UNAVAILABLE = 3, 13, 14


class Fixture:
    def __init__(self, lease: Path | None = None) -> None:
        self.model = FakeModel()
        self.versions = Versions(lambda standard_id: True)
        self.queue = queue_before(self.model)
        self.lease = ComputeLease(lease)
        self.judge = RolloutJudge(self.versions, self.queue, LIMITS, self.lease, Checker())


@asynccontextmanager
async def judging(lease: Path | None = None) -> AsyncIterator[Fixture]:
    fixture = Fixture(lease)
    task = asyncio.create_task(fixture.queue.run())
    yield fixture
    task.cancel()


def group(*completions: bytes, prompt: bytes = pack_u32([1, 2, 3]), standard: str = "shop"):
    return RolloutGroup(
        group_id="p0-4",
        prompt=Prompt(standard_id=standard),
        prompt_token_ids=prompt,
        completions=[Completion(token_ids=ids, text="x") for ids in completions],
    )


async def test_bad_completions_carry_errors_and_the_others_their_own_scores() -> None:
    async with judging() as fixture:
        fixture.versions.serve(version(4))
        good, other = [5, 6], [7]
        rollout = group(
            pack_u32(good),
            b"",
            b"\x01\x02\x03",
            pack_u32([9] * 8),
            pack_u32([LIMITS.vocabulary]),
            pack_u32([NAN_ID]),
            pack_u32(other),
        )
        [judged] = await fixture.judge.judge([rollout])
    assert judged.group == rollout
    assert (judged.judge_version, judged.standard_version) == (4, 3)
    codes = [judgement.error.code for judgement in judged.judgements]
    assert codes == [0, *[INVALID_ARGUMENT] * 4, INTERNAL, 0]
    assert judged.judgements[3].error.field == "completions[3].token_ids"
    assert judged.judgements[0].score == expected_score(4, good)
    assert judged.judgements[6].score == expected_score(4, other)
    for judgement in judged.judgements[1:6]:
        assert not judgement.criteria and not judgement.spread


async def test_a_prompt_that_cannot_be_read_is_every_items_error() -> None:
    async with judging() as fixture:
        fixture.versions.serve(version())
        [judged] = await fixture.judge.judge([group(pack_u32([1]), pack_u32([2]), prompt=b"abc")])
    assert [(j.error.code, j.error.field) for j in judged.judgements] == [
        (INVALID_ARGUMENT, "prompt_token_ids")
    ] * 2
    assert fixture.model.groups == []


async def test_before_a_judge_is_proven_groups_pass_without_scores_or_a_turn(
    tmp_path: Path,
) -> None:
    path = tmp_path / "lease"
    async with judging(path) as fixture, ComputeLease(path).held_async():
        [judged] = await fixture.judge.judge([group(pack_u32([1]), pack_u32([2]))])
    assert judged.judge_version == 0
    assert [judgement.error.code for judgement in judged.judgements] == [UNAVAILABLE] * 2


async def test_a_group_of_another_standard_is_not_scored_by_this_one() -> None:
    async with judging() as fixture:
        fixture.versions.serve(version(standard_id="shop"))
        rollouts = [group(pack_u32([1]), standard="bank"), group(pack_u32([1]))]
        other, own = await fixture.judge.judge(rollouts)
    assert (other.judge_version, other.judgements[0].error.code) == (0, UNAVAILABLE)
    assert own.judgements[0].score == expected_score(1, [1])


async def test_scoring_waits_for_its_turn_and_takes_the_version_then_in_force(
    tmp_path: Path,
) -> None:
    path = tmp_path / "lease"
    async with judging(path) as fixture:
        fixture.versions.serve(version(1))
        async with ComputeLease(path).held_async():
            pending = asyncio.ensure_future(fixture.judge.judge([group(pack_u32([1]))] * 2))
            await asyncio.wait([pending], timeout=0.05)
            assert fixture.model.groups == []
            fixture.versions.serve(version(2))
        judged = await pending
    assert [one.judge_version for one in judged] == [2, 2]


async def test_a_swap_within_a_poll_splits_no_group() -> None:
    async with judging() as fixture:
        fixture.versions.serve(version(1))
        fixture.model.before = lambda groups: fixture.versions.serve(version(2))
        judged = await fixture.judge.judge([group(pack_u32([i] * 7)) for i in range(150)])
        [after] = await fixture.judge.judge([group(pack_u32([1]))])
    assert {one.judge_version for one in judged} == {1}
    assert len(fixture.model.batches) > 2
    assert after.judge_version == 2


async def test_a_group_without_completions_passes() -> None:
    async with judging() as fixture:
        fixture.versions.serve(version())
        [judged] = await fixture.judge.judge([group()])
    assert len(judged.judgements) == 0
