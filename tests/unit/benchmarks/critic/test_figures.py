"""How a form of critique is measured."""

import numpy as np
from benchmarks.critic import figures

from ratchet.demo.shop_standard import SENTENCES

C = len(SENTENCES)


def test_a_form_that_tells_all_that_is_broken_has_an_auc_of_one() -> None:
    random = np.random.default_rng(0)
    broken_NC = random.random((40, C)) < 0.5
    found, beside = figures.figures(
        {
            "truth": figures.mean_auc(broken_NC.astype(float), broken_NC),
            "turned round": figures.mean_auc(-broken_NC.astype(float), broken_NC),
            "says nothing": figures.mean_auc(np.full((40, C), np.nan), broken_NC),
        },
        prompts=20,
        beside="truth",
    )
    assert [each.value for each in found.values()] == [1.0, 0.0, 0.5]
    assert (beside["says nothing"].low, beside["says nothing"].high) == (-0.5, -0.5)


def test_criteria_that_all_answers_meet_are_left_out() -> None:
    broken_NC = np.zeros((4, C), dtype=bool)
    broken_NC[:2, 0] = True
    statistic = figures.mean_auc(broken_NC.astype(float), broken_NC)
    assert statistic(np.arange(2)) == 1.0


def test_agreement_is_over_prompts_whose_answers_gold_tells_apart() -> None:
    gold_N = np.array([5.0, 1.0, 2.0, 4.0, 3.0, 3.1])
    by_gold = figures.agreement(gold_N, gold_N)
    assert by_gold(np.arange(2)) == 1.0
    by_contrary = figures.agreement(np.array([1.0, 5.0, 2.0, 4.0, 3.1, 3.0]), gold_N)
    assert by_contrary(np.arange(3)) == 0.5


def test_the_score_of_what_is_broken_is_less_by_its_weight() -> None:
    broken_NC = np.eye(C)[:2]
    weights = [weight for weight, _ in SENTENCES.values()]
    assert figures.by_criteria(broken_NC).tolist() == [-weights[0], -weights[1]]
