"""A score that answers gain by being long, and what is left of it once that is taken out."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.unit.reward.test_fit import FEATURES, STANDARD, answers, marks

from ratchet.reward.fit import fit_heads
from ratchet.reward.heads import SETTINGS, Heads
from ratchet.reward.sentences import Sentences

SENTENCES: Sentences = ((7,), (8, 9), (3,))
OWN = 8
"""Features that belong to the sentences, behind the length."""


def rows(count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features [n, F], what is broken [n, 2], and the logarithm of the length [n].

    Long answers are kept from breaking "kind" more often than chance has it.
    """
    features, _ = answers(count, seed)
    draw = np.random.default_rng(seed + 1000)
    length = draw.normal(3, 0.5, size=count)
    broken = np.stack([features[:, 0] - 3 * (length - 3) > 0, features[:, 1] > 0], axis=1)
    own = draw.normal(size=(count, OWN))
    return np.concatenate([features, length[:, None], own], axis=1), broken, length


def judge(count: int = 400) -> Heads:
    features, broken, _ = rows(count, 0)
    return fit_heads(marks(features, broken), [], STANDARD, SENTENCES, seed=0)


def slope(scores: np.ndarray, length: np.ndarray) -> float:
    return float(np.polyfit(length, scores, 1)[0])


def test_a_judge_says_what_its_scores_gain_by_length() -> None:
    heads, (features, _, length) = judge(), rows(400, 0)
    assert len(heads.settings.length_slopes) == 9
    told = heads.settings.length_slopes[0]
    assert told == pytest.approx(slope(heads.score(features).score_n, length), rel=1e-4)
    assert told > 0.1


def test_controlled_scores_gain_nothing_by_length_and_nothing_else_is_changed() -> None:
    heads, (features, broken, length) = judge(), rows(300, 5)
    before, after = heads.score(features), heads.length_controlled().score(features)
    assert abs(slope(after.score_n, length)) < 0.2 * slope(before.score_n, length)
    assert (after.broken_nC[:, :2] == before.broken_nC[:, :2]).all()
    assert (after.preferred_to_anchor_n == before.preferred_to_anchor_n).all()
    # What has nothing to do with length is told as well as before.
    plain = ~broken[:, 1]
    lead = [s.score_n[plain].mean() - s.score_n[~plain].mean() for s in (before, after)]
    assert lead[1] == pytest.approx(lead[0], abs=0.05)


def test_an_average_answer_keeps_its_score() -> None:
    heads, (features, _, length) = judge(), rows(400, 0)
    average = features[:1].copy()
    average[0, FEATURES] = length.mean()
    controlled = heads.length_controlled().score(average)
    assert controlled.score_n == pytest.approx(heads.score(average).score_n, abs=1e-6)


def test_control_is_kept_with_the_version(tmp_path: Path) -> None:
    heads, (features, _, _) = judge().length_controlled(), rows(20, 5)
    heads.save(tmp_path)
    assert np.allclose(Heads.load(tmp_path).score(features).score_n, heads.score(features).score_n)
    told = json.loads((tmp_path / SETTINGS).read_text())
    assert told["length_controlled"] and len(told["length_slopes"]) == 9


def test_a_version_from_before_there_was_control_can_be_read(tmp_path: Path) -> None:
    heads, (features, _, _) = judge(), rows(20, 5)
    heads.save(tmp_path)
    told = json.loads((tmp_path / SETTINGS).read_text())
    del told["length_slopes"], told["length_controlled"]
    (tmp_path / SETTINGS).write_text(json.dumps(told))
    old = Heads.load(tmp_path)
    assert not old.settings.length_controlled
    assert np.allclose(old.score(features).score_n, heads.score(features).score_n)


def test_anchors_of_one_length_tell_nothing_of_others() -> None:
    features, broken, _ = rows(200, 0)
    features[:, FEATURES] = 3.0
    heads = fit_heads(marks(features, broken), [], STANDARD, SENTENCES, seed=0)
    assert set(heads.settings.length_slopes) == {0.0}
