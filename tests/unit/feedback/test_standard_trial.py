"""A trial finds what checks say of answers, and ends in time whatever they do."""

import time

import pytest
from tests.unit.feedback.judged import group

from ratchet.feedback.recent_answers import MOST_GROUPS, RecentAnswer, RecentAnswers
from ratchet.feedback.standard_trial import MOST_AT_ONCE, Finding, StandardTrial, TooManyTrials
from ratchet.standard.checks.any_check import parse_check
from ratchet.v1.prompt_pb2 import PURPOSE_GATE

ANSWERS = [RecentAnswer("shop", "My kettle leaks.", text) for text in ("Sorry!", "No")]
SLEEPS = "import time\ndef check(prompt, answer):\n    time.sleep(30)\n    return True\n"


async def test_each_check_says_of_each_answer_what_is_wrong() -> None:
    checks = [
        parse_check({"kind": "must_contain", "phrases": ["sorry"]}),
        parse_check({"kind": "expression", "expression": "1 / len(sentences)"}),
        parse_check({"kind": "program", "code": "def check(p, a): return a + '?'"}),
    ]
    first, second = await StandardTrial().run(checks, ANSWERS)
    assert [first[0].fault, second[0].fault] == ["", 'says none of "sorry"']
    assert first[1].error.startswith("1 / len(sentences): ")
    assert [first[2], second[2]] == [Finding(fault="Sorry!?"), Finding(fault="No?")]


async def test_a_trial_ends_in_time_and_says_what_was_not_tried() -> None:
    trial = StandardTrial(seconds=0.2)
    checks = [parse_check({"kind": "finished"}), parse_check({"kind": "program", "code": SLEEPS})]
    for _ in range(MOST_AT_ONCE):
        began = time.monotonic()
        first, second = await trial.run(checks, ANSWERS)
        assert time.monotonic() - began < 5
        assert first[0] == Finding()
        assert (
            first[1]
            == second[0]
            == second[1]
            == Finding(error="not tried: the 0.2 s for a trial were over")
        )
    # Their programs are running still.
    with pytest.raises(TooManyTrials):
        await trial.run(checks, ANSWERS)


def test_the_newest_answers_of_a_standard_come_first_and_those_to_gate_prompts_not_at_all() -> None:
    recent = RecentAnswers()
    for number in range(MOST_GROUPS + 1):
        judged = group(f"g{number}", [f"answer {number}", "other"], standard_id="shop")
        judged.group.prompt.messages.add(role="system", content="Be kind.")
        judged.group.prompt.messages.add(role="user", content="Hello?")
        recent.add(judged.group)
        recent.add(judged.group)
    recent.add(group("gate", ["secret"], standard_id="shop", purpose=PURPOSE_GATE).group)
    found = recent.newest("shop", 1000)
    assert len(found) == MOST_GROUPS
    assert found[0] == RecentAnswer("shop", "Be kind.\nHello?", f"answer {MOST_GROUPS}")
    assert found[-1].text == "answer 1"
    # A standard under which nothing was written yet is tried on what there is.
    assert recent.newest("returns", 2) == found[:2]
    recent.add(group("mine", ["mine"], standard_id="returns").group)
    assert [answer.text for answer in recent.newest("returns", 2)] == ["mine"]


def test_what_was_answered_to_an_erased_prompt_is_gone() -> None:
    recent = RecentAnswers()
    for name in ("keep", "erase"):
        recent.add(group(name, [name], standard_id="shop").group)
    recent.forget("of-erase")
    assert [answer.text for answer in recent.newest("shop", 9)] == ["keep"]
