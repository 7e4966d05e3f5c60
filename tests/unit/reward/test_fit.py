"""What the judge learns from marks, and what it must not claim to know."""

import numpy as np
import pytest
from scipy.optimize import minimize

from ratchet.reward.agreement import auc, mean_auc, mean_auc_bound, pair_agreement
from ratchet.reward.fit import fit_heads
from ratchet.reward.heads import Heads
from ratchet.reward.logistic import fit_logistic
from ratchet.reward.marks import ComparedPair, MarkedAnswer, detection_rate, is_held_out
from ratchet.v1.standard_pb2 import Criterion, Standard

FEATURES = 40
STANDARD = Standard(
    standard_id="s",
    version=3,
    criteria=[
        Criterion(criterion_id="kind", weight=3, sentence="It is kind."),
        Criterion(criterion_id="short", weight=1, sentence="It is short."),
        Criterion(criterion_id="rare", weight=1, sentence="It never shouts."),
    ],
)

NO_SENTENCES = ((), (), ())


def answers(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features [n, F], and which of "kind" and "short" each answer breaks [n, 2]."""
    features = np.random.default_rng(seed).normal(size=(count, FEATURES))
    return features, features[:, :2] > 0


def marks(features, broken, detection=1.0, seed=0, weight=1.0) -> list[MarkedAnswer]:
    seen = broken & (np.random.default_rng(seed).random(broken.shape) < detection)
    return [
        MarkedAnswer(
            answer_id=str(i),
            prompt_key=f"{i // 2:08x}",
            labeler="ann",
            features=row,
            broken=frozenset(np.array(["kind", "short"])[found]),
            tokens=5,
            weight=weight,
        )
        for i, (row, found) in enumerate(zip(features, seen, strict=True))
    ]


def test_heads_rank_new_answers_by_the_standard_although_half_of_the_marks_are_missing():
    heads = fit_heads(marks(*answers(400, 0), detection=0.5), [], STANDARD, NO_SENTENCES, seed=0)
    features, broken = answers(300, 1)
    scores = heads.score(features)
    true_share_met = 1 - (3 * broken[:, 0] + broken[:, 1]) / 4
    assert np.corrcoef(scores.score_n, true_share_met)[0, 1] > 0.6
    assert auc(scores.broken_nC[:, 0], broken[:, 0]) > 0.9


def test_a_mark_of_little_weight_hardly_counts():
    """300 old answers were marked by another rule than 100 new ones."""
    old, new, (features, broken) = answers(300, 0), answers(100, 1), answers(300, 2)

    def right(weight: float) -> float:
        marked = [*marks(old[0], ~old[1], weight=weight), *marks(*new)]
        heads = fit_heads(marked, [], STANDARD, NO_SENTENCES, seed=0)
        return auc(heads.score(features).broken_nC[:, 0], broken[:, 0])

    assert right(weight=1.0) < 0.5 < 0.8 < right(weight=0.01)


def test_a_criterion_with_too_few_marks_is_unknown_and_left_out_of_the_score():
    heads = fit_heads(marks(*answers(100, 0)), [], STANDARD, NO_SENTENCES, seed=0)
    scores = heads.score(answers(10, 1)[0])
    assert np.isnan(scores.broken_nC[:, 2]).all()
    assert not np.isnan(scores.broken_nC[:, :2]).any()
    assert np.isfinite(scores.score_n).all()
    share = (scores.broken_nC[:, 0] * 3 + scores.broken_nC[:, 1]) / 4
    np.testing.assert_allclose(scores.score_n, 1 - share)


def test_no_criterion_with_enough_marks_is_an_error():
    features, broken = answers(40, 0)
    with pytest.raises(ValueError, match="no criterion"):
        fit_heads(marks(features, np.zeros_like(broken)), [], STANDARD, NO_SENTENCES, seed=0)


def test_spread_is_wider_for_answers_unlike_those_that_people_marked():
    heads = fit_heads(marks(*answers(200, 0)), [], STANDARD, NO_SENTENCES, seed=0)
    fresh = answers(100, 9)[0]
    near, far = (heads.score(scale * fresh).spread_n.mean() for scale in (1, 3))
    assert 0 < near < far / 1.5


def test_votes_teach_preference_against_the_anchor_set():
    features, broken = answers(400, 0)
    votes = [
        ComparedPair(f"{i:08x}", features[i], features[i + 1], float(broken[i + 1, 0]), "a", "b")
        for i in range(0, 400, 2)
        if broken[i, 0] != broken[i + 1, 0]
    ]
    scores = fit_heads(marks(features, broken), votes, STANDARD, NO_SENTENCES, seed=0).score(
        features
    )
    kind = scores.preferred_to_anchor_n[~broken[:, 0]].mean()
    assert kind > 0.5 > scores.preferred_to_anchor_n[broken[:, 0]].mean()


def test_heads_saved_and_loaded_score_alike(tmp_path):
    heads = fit_heads(marks(*answers(100, 0)), [], STANDARD, NO_SENTENCES, seed=0)
    heads.save(tmp_path)
    loaded, fresh = Heads.load(tmp_path), answers(20, 5)[0]
    np.testing.assert_allclose(loaded.score(fresh).score_n, heads.score(fresh).score_n, atol=1e-5)
    assert (loaded.standard_id, loaded.standard_version) == ("s", 3)
    assert loaded.sentences == NO_SENTENCES


def test_a_head_sees_its_own_sentence_and_no_other():
    features, broken = answers(60, 0)
    # What tells the two criteria apart is told, faintly, by one sentence token each.
    said = np.where(broken, 0.1, 0.2) + np.random.default_rng(1).normal(0, 0.05, broken.shape)
    said = np.concatenate([said, 0 * said[:, :1]], axis=1)
    rows = np.concatenate([0 * features, np.repeat(said, 2, axis=1)], axis=1)
    heads = fit_heads(marks(rows, broken), [], STANDARD, ((7,), (8,), (9,)), seed=0)
    scores = heads.score(rows)
    for criterion in range(2):
        assert auc(scores.broken_nC[:, criterion], broken[:, criterion]) > 0.8
    first, third = (FEATURES, FEATURES + 1), (FEATURES + 4, FEATURES + 5)
    swapped = heads.score(rows[:, [*range(FEATURES), *first, *first, *third]])
    np.testing.assert_array_equal(swapped.broken_nC[:, 0], scores.broken_nC[:, 0])
    assert not np.allclose(swapped.broken_nC[:, 1], scores.broken_nC[:, 1])
    assert heads.sentences == ((7,), (8,), (9,))


@pytest.mark.parametrize("criteria", [1, 2])
def test_few_marks_are_enough_for_what_the_sentence_says_and_for_nothing_else(criteria):
    standard = Standard(standard_id="s", criteria=STANDARD.criteria[:criteria])
    sentences = ((7,), (8,))[:criteria]

    def rows(count, seed):
        random = np.random.default_rng(seed)
        broken = random.random((count, 2)) < 0.5
        said = np.where(broken[:, :1], 0.3, 0.5)  # Of the first criterion; the second is mute.
        said = np.repeat(said, 2, axis=1)  # Two features a token.
        features = [random.normal(size=(count, 1000)), said, 0 * said]
        return np.concatenate(features[: 1 + criteria], axis=1), broken

    heads = fit_heads(marks(*rows(40, 0)), [], standard, sentences, seed=0)
    fresh, truth = rows(300, 1)
    found = [auc(heads.score(fresh).broken_nC[:, c], truth[:, c]) for c in range(criteria)]
    assert found[0] > 0.99
    assert all(value < 0.9 for value in found[1:])


def test_detection_rate_is_estimated_from_answers_marked_twice():
    random = np.random.default_rng(0)
    names = np.array([f"c{i}" for i in range(10)])
    repeated = [
        MarkedAnswer(
            str(i), "0" * 8, who, np.zeros(1), frozenset(names[random.random(10) < 0.6]), 1
        )
        for i in range(200)
        for who in ("ann", "ben")
    ]
    assert detection_rate(repeated) == pytest.approx(0.6, abs=0.05)
    assert detection_rate([m for m in repeated if m.labeler == "ann"]) == 1.0


def test_logistic_regression_against_scipy():
    features, broken = answers(50, 3)
    [ours] = fit_logistic(features, broken[:, :1].astype(float), np.ones((50, 1)), penalty=5.0)
    sign = 1 - 2 * broken[:, 0]

    def objective(w):
        return np.logaddexp(0, sign * (features @ w[:-1] + w[-1])).sum() + 2.5 * (w[:-1] ** 2).sum()

    best = minimize(objective, np.zeros(FEATURES + 1), tol=1e-10).x
    np.testing.assert_allclose(ours, best, atol=2e-3)


def test_a_regression_that_does_not_see_an_input_is_fitted_as_if_it_were_not_there():
    features, broken = answers(50, 3)
    targets = broken[:, [0, 0]].astype(float)
    seen = np.ones((2, FEATURES), bool)
    seen[0, [0, 5]] = seen[1, 7] = False
    ours = fit_logistic(features, targets, np.ones((50, 2)), 5.0, seen)
    for head in range(2):
        alone = fit_logistic(features[:, seen[head]], targets[:, :1], np.ones((50, 1)), penalty=5.0)
        np.testing.assert_allclose(ours[head][[*seen[head], True]], alone[0], atol=2e-3)
        assert not ours[head][:-1][~seen[head]].any()


def test_auc_agreement_and_bound():
    assert auc(np.array([1.0, 2, 3, 3]), np.array([False, False, True, False])) == pytest.approx(
        5 / 6
    )
    assert np.isnan(auc(np.array([1.0]), np.array([True])))
    assert pair_agreement(np.array([2.0, -1, 0, 5]), np.array([1.0, 1, 0, 0.5])) == pytest.approx(
        0.5
    )
    random = np.random.default_rng(0)
    marked = random.random((200, 3)) < 0.4
    good = marked + random.normal(size=(200, 3))
    keys = [str(i // 2) for i in range(200)]
    assert 0.6 < mean_auc_bound(good, marked, keys, seed=0) < mean_auc(good, marked)
    assert mean_auc_bound(random.random((200, 3)), marked, keys, seed=0) < 0.52


def test_a_criterion_weighs_as_much_as_its_marks_tell():
    marked = np.zeros((100, 2), bool)
    marked[:50, 0] = marked[:2, 1] = True
    wrong_on_the_rare_one = marked.astype(float) * [1, -1]
    assert mean_auc(wrong_on_the_rare_one, marked) > 0.9
    assert mean_auc(-wrong_on_the_rare_one, marked) < 0.1
    assert mean_auc(np.full((100, 2), np.nan), marked) == 0.5
    assert mean_auc(marked.astype(float), np.zeros((100, 2), bool)) == 0.5


def test_a_quarter_of_the_prompts_is_held_out_for_ever():
    keys = [f"{i * 7919 % 2**32:08x}" for i in range(0, 2**20, 997)]
    held_out = [is_held_out(key) for key in keys]
    assert held_out == [is_held_out(key) for key in keys]
    assert sum(held_out) / len(keys) == pytest.approx(0.25, abs=0.03)


def test_without_an_intercept_a_regression_is_the_same_whichever_way_a_pair_is_turned():
    features, broken = answers(50, 3)
    targets = broken[:, :1].astype(float)
    turned = np.where(np.arange(50)[:, None] % 3 == 0, -1, 1)
    both = [
        fit_logistic(inputs, wanted, np.ones((50, 1)), penalty=5.0, intercept=False)[0]
        for inputs, wanted in (
            (features, targets),
            (turned * features, np.where(turned < 0, 1 - targets, targets)),
        )
    ]
    np.testing.assert_allclose(*both, atol=1e-3)
    assert both[0][-1] == 0
    assert np.abs(both[0][:2]).min() > 0.1
