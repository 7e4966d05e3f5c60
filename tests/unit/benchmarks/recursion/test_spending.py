"""Where labels are spent: on what the choice says, one pair a prompt, as many as asked for."""

import pytest
from benchmarks.recursion.plan import Spending
from benchmarks.recursion.spending import picked
from tests.unit.benchmarks.recursion.groups import judged

from ratchet.demo.prompts import TRAIN, CustomerPrompt
from ratchet.reward.marks import is_held_out, prompt_key
from ratchet.v1.judgement_pb2 import JudgedGroup

CALM = ((0.5, 0.5), (0.5, 0.5), (0.5, 0.5), (0.5, 0.5))
DISPUTED = ((0.5, 0.5), (0.9, 0.1), (0.1, 0.9), (0.5, 0.5))


def held_out(prompt: CustomerPrompt) -> bool:
    return is_held_out(prompt_key(prompt.messages))


TRAINED = [prompt for prompt in TRAIN if not held_out(prompt)][:12]
PROVING = [prompt for prompt in TRAIN if held_out(prompt)][:4]


@pytest.fixture(scope="module")
def groups() -> list[JudgedGroup]:
    """One is disputed and one has a rare pass; so have two that are held out, and come first."""
    nothing = (False, False, False, False)
    return [
        judged(PROVING[0], DISPUTED, nothing),
        judged(PROVING[1], CALM, (True, False, False, False)),
        judged(TRAINED[0], DISPUTED, nothing),
        judged(TRAINED[1], CALM, (False, False, True, False)),
        *(judged(prompt, CALM, nothing) for prompt in TRAINED[2:]),
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


def test_a_mixture_has_its_shares(groups: list[JudgedGroup]) -> None:
    found = picked(groups, 8, "mixed", seed=0)
    reasons = [comparison.picked_because for comparison in found]
    assert reasons == ["disagreement"] * 4 + ["rare"] * 2 + ["random"] * 2
    assert len({comparison.group_id for comparison in found}) == 8


@pytest.mark.parametrize("spending", ["random", "disagreement", "rare", "mixed"])
def test_every_choice_costs_as_many_readings(groups: list[JudgedGroup], spending: Spending) -> None:
    assert len(picked(groups, 10, spending, seed=0)) == 10


def test_chance_draws_others_with_another_seed(groups: list[JudgedGroup]) -> None:
    draws = {frozenset(c.group_id for c in picked(groups, 3, "random", seed)) for seed in range(20)}
    assert len(draws) > 10
