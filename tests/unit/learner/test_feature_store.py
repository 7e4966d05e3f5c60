"""Features are computed once, over restarts too, and never those of another trunk."""

from pathlib import Path

import numpy as np
import pytest
from tests.unit.learner.counting_trunk import CountingTrunk

from ratchet.learner.feature_store import FeatureStore
from ratchet.process.lease import ComputeLease
from ratchet.reward.packing import TokenGroup
from ratchet.reward.sentences import Sentences

ONE = TokenGroup((1, 2), ((3, 4), (5,)))
TWO = TokenGroup((1, 2), ((5,), (9, 9, 9)))
SAID: Sentences = ((4, 5),)


def store(folder: Path, trunk: CountingTrunk) -> FeatureStore:
    return FeatureStore(folder, trunk, ComputeLease(None))  # pyright: ignore[reportArgumentType]


def test_each_answer_is_read_once_over_restarts(tmp_path: Path) -> None:
    trunk = CountingTrunk()
    first = store(tmp_path, trunk)
    [features] = first.features([ONE], SAID)
    np.testing.assert_array_equal(features, [[2, 2, 1], [2, 1, 1]])
    assert trunk.read == 2
    again = store(tmp_path, trunk)
    np.testing.assert_array_equal(again.features([ONE], SAID)[0], features)
    assert trunk.read == 2
    np.testing.assert_array_equal(again.features([TWO, ONE], SAID)[0], [[2, 1, 1], [2, 3, 1]])
    assert store(tmp_path, trunk).has(TWO, SAID)


def test_features_of_another_trunk_are_not_used(tmp_path: Path) -> None:
    store(tmp_path, CountingTrunk()).features([ONE], SAID)
    other = CountingTrunk("b" * 64)
    assert not store(tmp_path, other).has(ONE, SAID)


def test_an_answer_is_read_anew_when_the_standard_says_it_in_other_words(tmp_path: Path) -> None:
    trunk = CountingTrunk()
    kept = store(tmp_path, trunk)
    kept.features([ONE], SAID)
    assert not kept.has(ONE, ((4, 6),))
    np.testing.assert_array_equal(kept.features([ONE], ((4,), (6,)))[0], [[2, 2, 2], [2, 1, 2]])
    assert trunk.read == 4
    kept.features([ONE], SAID)
    assert trunk.read == 4


@pytest.mark.parametrize(
    "group",
    [
        TokenGroup((), ((1,),)),
        TokenGroup((1,), ()),
        TokenGroup((1,), ((),)),
        TokenGroup((1,), ((10,),)),
        TokenGroup((1,) * 5, ((1,), (1,) * 4)),
    ],
)
def test_what_the_trunk_cannot_read_does_not_fit(tmp_path: Path, group: TokenGroup) -> None:
    assert not store(tmp_path, CountingTrunk()).fits(group)


def test_what_it_can_read_fits(tmp_path: Path) -> None:
    assert store(tmp_path, CountingTrunk()).fits(TokenGroup((1,) * 5, ((1,), (9,) * 3)))
