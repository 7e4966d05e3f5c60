"""When a round asks, whom it waits for, and when it ends."""

import pytest
from tests.unit.learner.groups import judged

from ratchet.learner.gate_prompt import GatePrompt
from ratchet.learner.gate_round import ASK_AGAIN_SECONDS, LOST_SECONDS, TRIES, GateRound
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.prompt_pb2 import PURPOSE_GATE

PROMPTS = [GatePrompt(name, (("user", "question 0"),)) for name in ("a", "b")]


def answer(prompt_id: str, version: int = 4, asked_for: int = 4) -> JudgedGroup:
    return judged(
        purpose=PURPOSE_GATE, prompt_id=prompt_id, policy_version=version, prompt_version=asked_for
    )


def asked(round_: GateRound, now: float) -> list[str]:
    return [prompt.prompt_id for prompt in round_.to_ask(now)]


def test_every_prompt_is_asked_once_and_the_round_ends_with_the_last_answer() -> None:
    round_ = GateRound(PROMPTS, version=4)
    assert asked(round_, 0) == ["a", "b"]
    assert asked(round_, 1) == []
    assert round_.take(answer("b"))
    assert not round_.complete
    assert round_.take(answer("a"))
    assert round_.complete
    assert [g.group.prompt.prompt_id for g in round_.answers] == ["a", "b"]


def test_an_answer_by_another_version_is_asked_for_again_soon() -> None:
    round_ = GateRound(PROMPTS, version=4)
    round_.to_ask(0)
    assert not round_.take(answer("a", version=3))
    assert asked(round_, ASK_AGAIN_SECONDS) == ["a"]
    assert asked(round_, LOST_SECONDS) == ["b"]


def tried(round_: GateRound, times: int) -> None:
    for again in range(times):
        round_.to_ask(again * LOST_SECONDS)


def test_a_prompt_that_nobody_answers_is_left_out_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    round_ = GateRound(PROMPTS, version=4)
    round_.take(answer("b"))
    tried(round_, TRIES)
    assert not round_.complete
    assert asked(round_, TRIES * LOST_SECONDS) == []
    assert round_.complete
    assert [prompt.prompt_id for prompt in round_.left_out] == ["a"]
    assert "gate prompt a: asked 3 times" in caplog.text


def test_while_nobody_answers_anything_no_prompt_is_left_out() -> None:
    round_ = GateRound(PROMPTS, version=4)
    tried(round_, 2 * TRIES)
    assert asked(round_, 2 * TRIES * LOST_SECONDS) == ["a", "b"]


def test_a_prompt_that_other_versions_answer_is_asked_on() -> None:
    round_ = GateRound(PROMPTS, version=4)
    round_.take(answer("b"))
    tried(round_, TRIES)
    round_.take(answer("a", version=3))
    assert asked(round_, TRIES * LOST_SECONDS) == ["a"]


IN_OTHER_WORDS = judged(
    offset=1, purpose=PURPOSE_GATE, prompt_id="a", policy_version=4, prompt_version=4
)


@pytest.mark.parametrize("other", [answer("z"), answer("a", asked_for=3), IN_OTHER_WORDS])
def test_what_belongs_to_no_prompt_of_the_round_is_left(other: JudgedGroup) -> None:
    assert not GateRound(PROMPTS, version=4).take(other)


def test_a_restart_takes_up_the_answers_and_asks_for_the_rest() -> None:
    round_ = GateRound(PROMPTS, version=4, answers=[answer("a")])
    assert asked(round_, 0) == ["b"]
