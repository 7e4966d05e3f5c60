"""Where labels are spent: on what the choice says, one pair a prompt, as many as asked for."""

from collections import Counter

import pytest
from benchmarks.recursion.plan import Spending
from benchmarks.recursion.spending import picked
from tests.unit.benchmarks.recursion.groups import judged

from ratchet.demo.prompts import TRAIN, CustomerPrompt
from ratchet.reward.marks import is_held_out, prompt_key
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.preference_pb2 import Comparison

CALM = ((0.5, 0.5), (0.5, 0.5), (0.5, 0.5), (0.5, 0.5))
DISPUTED = ((0.5, 0.5), (0.9, 0.1), (0.1, 0.9), (0.5, 0.5))


def held_out(prompt: CustomerPrompt) -> bool:
    return is_held_out(prompt_key(prompt.messages))


TRAINED = [prompt for prompt in TRAIN if not held_out(prompt)][:12]
PROVING = [prompt for prompt in TRAIN if held_out(prompt)][:8]
CHOICES: tuple[Spending, ...] = ("random", "disagreement", "tail", "rare", "mixed")
NOTHING = (False, False, False, False)
HIGH = (0.1, 0.8, 0.2, 0.9)


def proving(found: list[Comparison]) -> set[str]:
    return {c.group_id for c in found if c.group_id in {p.prompt_id for p in PROVING}}


@pytest.fixture(scope="module")
def groups() -> list[JudgedGroup]:
    """One is disputed, one has a rare pass, one scores high; so do three that are held out."""
    return [
        judged(PROVING[0], DISPUTED, NOTHING),
        judged(PROVING[1], CALM, (True, False, False, False)),
        judged(PROVING[2], CALM, NOTHING, HIGH),
        *(judged(prompt, CALM, NOTHING) for prompt in PROVING[3:]),
        judged(TRAINED[0], DISPUTED, NOTHING),
        judged(TRAINED[1], CALM, (False, False, True, False)),
        judged(TRAINED[2], CALM, NOTHING, HIGH),
        *(judged(prompt, CALM, NOTHING) for prompt in TRAINED[3:]),
    ]


def test_the_judges_copies_choose_what_they_disagree_on(groups: list[JudgedGroup]) -> None:
    [comparison] = picked(groups, 1, "disagreement", seed=0)
    assert comparison.group_id == TRAINED[0].prompt_id
    assert {comparison.answer_a.text, comparison.answer_b.text} == {"answer 1", "answer 2"}
    assert comparison.picked_because == "disagreement"


def test_what_few_answers_get_right_is_read(groups: list[JudgedGroup]) -> None:
    [comparison] = picked(groups, 1, "rare", seed=0)
    assert comparison.group_id == TRAINED[1].prompt_id
    assert "answer 2" in {comparison.answer_a.text, comparison.answer_b.text}


def test_what_the_judge_scores_highest_is_compared(groups: list[JudgedGroup]) -> None:
    [comparison] = picked(groups, 1, "tail", seed=0)
    assert comparison.group_id == TRAINED[2].prompt_id
    assert {comparison.answer_a.text, comparison.answer_b.text} == {"answer 1", "answer 3"}
    assert comparison.picked_because == "tail"


def test_a_mixture_is_the_services(groups: list[JudgedGroup]) -> None:
    found = picked(groups, 11, "mixed", seed=0)
    trained = [c.picked_because for c in found if c.group_id not in proving(found)]
    assert Counter(trained) == {"disagreement": 4, "tail": 2, "random": 2}
    assert len({comparison.group_id for comparison in found}) == 11


@pytest.mark.parametrize("seed", range(4))
def test_what_proves_a_judge_is_drawn_alike_whatever_is_chosen(
    groups: list[JudgedGroup], seed: int
) -> None:
    found = [picked(groups, 8, spending, seed) for spending in CHOICES]
    assert len(proving(found[0])) == 2
    assert all(proving(comparisons) == proving(found[0]) for comparisons in found)
    reasons = {c.picked_because for cs in found for c in cs if c.group_id in proving(cs)}
    assert reasons == {"random"}


def test_readings_that_are_repeated_are_of_all_kinds(groups: list[JudgedGroup]) -> None:
    first = [picked(groups, 8, "mixed", seed)[0] for seed in range(20)]
    assert {c.picked_because for c in first} == {"disagreement", "tail", "random"}


@pytest.mark.parametrize("spending", CHOICES)
@pytest.mark.parametrize("count", [10, 20])
def test_every_choice_costs_as_many_readings(
    groups: list[JudgedGroup], spending: Spending, count: int
) -> None:
    assert len(picked(groups, count, spending, seed=0)) == count


def test_chance_draws_others_with_another_seed(groups: list[JudgedGroup]) -> None:
    draws = {frozenset(c.group_id for c in picked(groups, 3, "random", seed)) for seed in range(20)}
    assert len(draws) > 10
