"""Whose marks count: honest labelers keep their weight, careless and ill-meant ones lose it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.unit.reward.test_fit import NO_SENTENCES, STANDARD, answers, marks

from ratchet.reward.agreement import mean_auc, pair_agreement, resampled_means
from ratchet.reward.fit import fit_heads
from ratchet.reward.heads import SETTINGS, Heads
from ratchet.reward.labeler import Labeler
from ratchet.reward.marks import ComparedPair, MarkedAnswer

HONEST = ("ann", "bob", "cid", "dot")
KINDS = ("kind", "short")


def honest_marks(count: int, seed: int, detection: float = 0.6) -> list[MarkedAnswer]:
    """By four labelers in turn, each of whom reads both answers of a prompt."""
    read = marks(*answers(count, seed), detection=detection, seed=seed)
    return [replace(mark, labeler=HONEST[i // 2 % 4]) for i, mark in enumerate(read)]


def random_marks(count: int, seed: int) -> list[MarkedAnswer]:
    """By "eve", who marks a third of everything, whatever it is."""
    random = np.random.default_rng(seed)
    return [
        replace(
            mark,
            answer_id=f"eve {mark.answer_id}",
            labeler="eve",
            broken=frozenset(kind for kind in KINDS if random.random() < 1 / 3),
        )
        for mark in marks(*answers(count, seed))
    ]


def contrary_marks(count: int, seed: int) -> list[MarkedAnswer]:
    """By "mal", who marks what is kept and leaves out what is broken."""
    return [
        replace(
            mark,
            answer_id=f"mal {mark.answer_id}",
            labeler="mal",
            broken=frozenset(KINDS) - mark.broken,
        )
        for mark in marks(*answers(count, seed))
    ]


def fitted(marked: list[MarkedAnswer], votes: list[ComparedPair] | None = None) -> Heads:
    return fit_heads(marked, votes or [], STANDARD, NO_SENTENCES, seed=0)


def by_name(heads: Heads) -> dict[str, Labeler]:
    return {labeler.name: labeler for labeler in heads.settings.labelers}


def true_auc(heads: Heads) -> float:
    features, broken = answers(500, 99)
    return mean_auc(heads.score(features).broken_nC[:, :2], broken)


@pytest.mark.parametrize("seed", range(2))
def test_careless_and_contrary_labelers_lose_their_weight(seed: int) -> None:
    good = honest_marks(480, seed)
    bad = [*random_marks(120, 50 + seed), *contrary_marks(60, 70 + seed)]
    found = by_name(fitted(good + bad))
    assert min(found[name].weight for name in HONEST) > 0.8
    assert found["eve"].weight < 0.4
    assert found["mal"].weight < 0.2
    as_one = [replace(mark, labeler="all") for mark in good + bad]
    assert true_auc(fitted(good + bad)) > true_auc(fitted(as_one)) + 0.02


@pytest.mark.parametrize("seed", range(3))
def test_honest_labelers_keep_nearly_all_of_theirs(seed: int) -> None:
    weights = [labeler.weight for labeler in by_name(fitted(honest_marks(240, seed))).values()]
    assert min(weights) > 0.8
    assert np.mean(weights) > 0.93


def test_marks_of_the_careless_alone_make_no_criterion_known() -> None:
    slips = [
        replace(mark, broken=mark.broken | {"rare"} if i % 4 == 0 else mark.broken)
        for i, mark in enumerate(contrary_marks(120, 70))
    ]
    heads = fitted([*honest_marks(480, 0), *slips])
    assert by_name(heads)["mal"].weight < 0.5
    assert heads.settings.known == (True, True, False)


def test_a_few_readings_prove_little() -> None:
    found = by_name(fitted([*honest_marks(200, 0), *random_marks(8, 5)]))
    assert found["eve"].weight > 0.7
    assert found["eve"].readings == 8


def test_a_labeler_alone_is_trusted() -> None:
    [labeler] = by_name(fitted(marks(*answers(100, 0)))).values()
    assert (labeler.name, labeler.weight, labeler.kappa) == ("ann", 1, None)


def test_what_others_say_of_the_same_answers_is_told() -> None:
    read = marks(*answers(120, 0))
    same = [replace(mark, labeler="bob") for mark in read[:30]]
    other = [replace(m, labeler="eve", broken=frozenset(KINDS) - m.broken) for m in read[30:60]]
    found = by_name(fitted([*read, *same, *other]))
    assert (found["bob"].repeated, found["bob"].kappa) == (30, 1)
    assert found["eve"].kappa == pytest.approx(-1, abs=0.2)
    assert found["ann"].repeated == 60


def test_votes_count_as_their_labelers_marks_do() -> None:
    features, broken = answers(200, 3)
    votes = [
        # Who is trusted prefers the second answer where the first is unkind; "mal" the first.
        ComparedPair(f"{i:08x}", features[i], features[i + 1], float(name == "mal"), "a", "b", name)
        for name in ("ann", "mal", "mal")
        for i in range(0, 200, 2)
        if broken[i, 0] and not broken[i + 1, 0]
    ]
    heads = fitted([*honest_marks(480, 0), *contrary_marks(120, 70)], votes)
    fresh, unkind = answers(300, 8)
    liked = heads.score(fresh).preferred_to_anchor_n
    assert liked[~unkind[:, 0]].mean() > liked[unkind[:, 0]].mean() + 0.1


def test_one_mark_in_twenty_turned_moves_agreement_by_less_than_its_interval() -> None:
    read = honest_marks(480, 1)
    random = np.random.default_rng(0)
    turned = [
        replace(m, broken=m.broken ^ {k for k in KINDS if random.random() < 0.05}) for m in read
    ]
    features, broken = answers(600, 99)
    truth = (3 * broken[1::2, 0] + broken[1::2, 1]) - (3 * broken[::2, 0] + broken[::2, 1])
    outcomes = (np.sign(truth) + 1) / 2
    decided = outcomes != 0.5
    differences = [
        heads.score(features[::2]).score_n - heads.score(features[1::2]).score_n
        for heads in (fitted(read), fitted(turned))
    ]
    right = (np.sign(differences[0]) == np.sign(outcomes - 0.5))[decided].astype(float)
    means = resampled_means(right[:, None], [str(i) for i in range(len(right))], seed=0)
    low, high = np.quantile(means, [0.025, 0.975])
    before, after = (pair_agreement(each, outcomes) for each in differences)
    assert abs(before - after) < (high - low) / 2


def test_a_version_keeps_what_was_thought_of_its_labelers(tmp_path: Path) -> None:
    heads = fitted([*honest_marks(200, 0), *random_marks(40, 5)])
    heads.save(tmp_path)
    assert Heads.load(tmp_path).settings == heads.settings
    # One that was written before labelers were told apart has none.
    fields = json.loads((tmp_path / SETTINGS).read_text())
    del fields["labelers"]
    (tmp_path / SETTINGS).write_text(json.dumps(fields))
    assert Heads.load(tmp_path).settings.labelers == ()
