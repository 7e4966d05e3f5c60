"""The loop's own judge obeys the checks of its standard, for callers and for rollouts alike."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import numpy as np
import pytest
from tests.unit.judge.fakes import FakeTokenizer
from tests.unit.reward.test_criterion_checks import SHORT, fitted
from tests.unit.reward.test_fit import FEATURES

from ratchet.judge.batching import BatchQueue
from ratchet.judge.checker import Checker
from ratchet.judge.engines.base import Limits
from ratchet.judge.judgement import judgement
from ratchet.judge.judges.base import Ask, Item
from ratchet.judge.judges.local import LocalJudge, LocalLimits
from ratchet.judge.rollout_judge import RolloutJudge
from ratchet.judge.versions import JudgeVersion, Versions
from ratchet.process.errors import InvalidField
from ratchet.process.lease import ComputeLease
from ratchet.process.packed import pack_u32
from ratchet.reward.heads import Scores
from ratchet.reward.packing import TokenGroup
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.check_pb2 import Check
from ratchet.v1.judgement_pb2 import Judgement
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import Completion, RolloutGroup

QUESTION = [Message(role="user", content="Does it leak?")]
CANNOT_TELL = "☹"
CHECKS = {
    "short": SHORT,
    "rare": Check(
        expression=Check.Expression(
            expression=f"'{CANNOT_TELL}' not in answer or len(answer) / 0 > 1"
        )
    ),
}
ANSWERS = ["Yes.", "Yes, it does leak.", f"No {CANNOT_TELL}", "No."]
FAILED_PRECONDITION = 9


async def score(version: JudgeVersion, groups: Sequence[TokenGroup]) -> list[Scores]:
    """Features that are told by the tokens."""
    return [
        version.heads.score(
            np.stack(
                [np.random.default_rng(ids).normal(size=FEATURES) for ids in group.completion_ids]
            )
        )
        for group in groups
    ]


@asynccontextmanager
async def judges(**checks: Check) -> AsyncIterator[tuple[LocalJudge, RolloutJudge]]:
    queue: BatchQueue = BatchQueue(score, lambda group: group.length, 1000, 4000)
    running = asyncio.create_task(queue.run())
    versions: Versions[JudgeVersion] = Versions(lambda standard_id: True)
    versions.serve(JudgeVersion(4, fitted(**checks)))
    checker = Checker()
    local = LocalJudge(
        "serving",
        "learned",
        versions,
        queue,
        judgement,
        FakeTokenizer(),
        LocalLimits(100, 0x3000, 400),
        cached_scores=10,
        checks=checker,
    )
    yield local, RolloutJudge(versions, queue, Limits(100, 0x3000), ComputeLease(None), checker)
    running.cancel()
    checker.close()


def ids_of(text: str) -> list[int]:
    return [ord(character) for character in text]


def items(*answers: str) -> list[Item]:
    return [Item(QUESTION, answer, "prompt", f"items[{i}]") for i, answer in enumerate(answers)]


async def of_callers(judge: LocalJudge) -> list[Judgement]:
    return [scored.judgement for scored in (await judge.score(items(*ANSWERS), Ask())).items]


async def of_rollouts(judge: RolloutJudge) -> list[Judgement]:
    completions = [Completion(text=a, token_ids=pack_u32(ids_of(a))) for a in ANSWERS]
    # One that cannot be scored anyway: the others keep their own texts.
    completions.insert(1, Completion(text="", token_ids=b""))
    prompt_ids = pack_u32(ids_of(QUESTION[0].content))
    group = RolloutGroup(
        prompt=Prompt(standard_id="s", messages=QUESTION),
        prompt_token_ids=prompt_ids,
        completions=completions,
    )
    [judged] = await judge.judge([group])
    assert judged.judgements[1].error.field == "completions[1].token_ids"
    return [*judged.judgements[:1], *judged.judgements[2:]]


async def test_callers_and_rollouts_get_the_verdicts_of_checks() -> None:
    async with judges(**CHECKS) as (local, rollouts):
        found = await of_callers(local)
        for one, other in zip(found, await of_rollouts(rollouts), strict=True):
            assert one.error.message == other.error.message
            one.error.field = other.error.field = ""
            assert one == other
    for said, broken in ((found[0], [0, 0]), (found[1], [1, 0]), (found[3], [0, 0])):
        assert [criterion.broken for criterion in said.criteria[1:]] == broken
        assert set(said.criteria[1].broken_bootstrap) == {broken[0]}
        kind = said.criteria[0].broken
        assert said.score == pytest.approx(1 - 3 / 5 * kind - 1 / 5 * sum(broken), abs=1e-6)
    assert found[2].error.code == FAILED_PRECONDITION
    assert "check rare: " in found[2].error.message
    assert not found[2].score


async def test_what_is_told_by_texts_is_not_kept_by_tokens_nor_asked_of_them() -> None:
    leaks = Check(expression=Check.Expression(expression="'leak' in prompt"))
    async with judges(short=leaks) as (local, _):
        assert not local.info().takes_token_ids
        # What is left of their tokens is the same.
        found = [
            (await local.score([of_a_long(word)], Ask(truncate=True))).items[0]
            for word in ("leak", "work", "leak")
        ]
        assert [scored.truncated for scored in found] == [True] * 3
        assert [scored.cached for scored in found] == [False] * 3
        assert [scored.judgement.criteria[1].broken for scored in found] == [0, 1, 0]
        packed = Item(QUESTION, "", "prompt", "items[0]", completion_token_ids=pack_u32([5]))
        with pytest.raises(InvalidField, match="takes texts"):
            await local.score([packed], Ask())


def of_a_long(word: str) -> Item:
    prompt = [Message(role="user", content=word + "x" * 200)]
    return Item(prompt, "Yes.", "prompt", "items[0]")


async def test_without_checks_nothing_has_changed() -> None:
    async with judges() as (local, _):
        assert local.info().takes_token_ids
        packed = Item(QUESTION, "", "prompt", "items[0]", pack_u32([5]), pack_u32([5]))
        assert (await local.score([packed], Ask())).items[0].judgement.score
        await local.score(items("Yes."), Ask())
        assert (await local.score(items("Yes."), Ask())).items[0].cached


async def test_a_call_whose_time_is_over_runs_no_check() -> None:
    async with judges(**CHECKS) as (local, _):
        with pytest.raises(TimeoutError):
            await local.score(items("Yes."), Ask(deadline=0))
