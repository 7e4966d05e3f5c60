"""A helped reader errs as the experiment says, and differs from itself alone only there."""

from math import sqrt

import pytest
from tests.unit.demo.test_erring_reader import ANN, answer, good_answer, is_near, prompt

from ratchet.demo.gold import broken_criteria
from ratchet.demo.helped_reader import CAUGHT_RATE, MISLED_RATE, HelpedReader
from ratchet.demo.prompts import TRAIN
from ratchet.demo.shop_standard import SENTENCES

HELPED = HelpedReader(ANN)
BAD = answer("Dear customer, we will refund")


@pytest.mark.parametrize(
    ("reader", "caught", "misled"),
    [(HELPED, CAUGHT_RATE, MISLED_RATE), (HelpedReader(ANN, caught=1, misled=0.5), 1, 0.5)],
)
def test_where_the_critic_points_more_is_caught_and_more_is_marked_wrongly(
    reader: HelpedReader, caught: float, misled: float
) -> None:
    found = broken = wrong = sound = 0
    for customer in TRAIN:
        for reply in (good_answer(customer), BAD):
            truth = broken_criteria(customer, reply.text, reply.finish_reason)
            marks = reader.marks(prompt(customer), reply, SENTENCES).broken_criterion_ids
            broken += len(truth)
            found += len(truth & {*marks})
            sound += len(SENTENCES) - len(truth)
            wrong += len({*marks} - truth)
    assert found == broken if caught == 1 else is_near(found, broken, caught)
    assert is_near(wrong, sound, misled)


def test_where_it_does_not_point_nothing_changes() -> None:
    changed = 0
    for customer in TRAIN:
        alone = {*ANN.marks(prompt(customer), BAD).broken_criterion_ids}
        assert {*HELPED.marks(prompt(customer), BAD, ()).broken_criterion_ids} == alone
        shown = {*HELPED.marks(prompt(customer), BAD, {"polite", "short"}).broken_criterion_ids}
        assert shown ^ alone <= {"polite", "short"}
        changed += shown != alone
    expected = 1 - (1 - (CAUGHT_RATE - 0.6)) * (1 - (MISLED_RATE - 0.03))
    assert abs(changed / len(TRAIN) - expected) < 4 * sqrt(expected / len(TRAIN))
