"""How the agreement benchmark learns from pairs, chooses, and draws its curve."""

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
import pytest
from benchmarks.agreement import critiques
from benchmarks.agreement.callers import Pairs, judge, longer, shorter
from benchmarks.agreement.curve import curve
from benchmarks.agreement.marks import by_marks
from benchmarks.agreement.question import Question, Vote
from benchmarks.agreement.result import result
from benchmarks.agreement.table import table, tables
from benchmarks.agreement.validation import log_loss, lowest_loss, out_of_fold, tuned

from ratchet.reward.agreement import pair_agreement
from ratchet.reward.marks import ComparedPair
from ratchet.v1.standard_pb2 import Criterion, Standard

FEATURES = 30


def pairs(count: int, seed: int) -> Pairs:
    """The first feature tells which answer people prefer, and the text nothing."""
    random = np.random.default_rng(seed)
    a, b = random.normal(size=(2, count, FEATURES))
    better = (a[:, 0] > b[:, 0]).astype(float)
    texts = [" ".join(["word"] * n) for n in random.integers(1, 9, size=2 * count)]
    return [
        ComparedPair(f"{seed:08x}{i // 2:08x}", a[i], b[i], better[i], *texts[2 * i : 2 * i + 2])
        for i in range(count)
    ]


def agreement(called: np.ndarray, asked: Pairs) -> float:
    return pair_agreement(called, np.array([pair.outcome for pair in asked]))


def test_the_judge_calls_new_pairs_whichever_way_they_are_turned() -> None:
    asked = pairs(300, 1)
    called = judge(1.0)(pairs(300, 0), asked)
    assert agreement(called, asked) > 0.85
    turned = [
        ComparedPair(p.prompt_key, p.features_b, p.features_a, 1 - p.outcome, p.text_b, p.text_a)
        for p in asked
    ]
    np.testing.assert_allclose(judge(1.0)(pairs(300, 0), turned), -called, atol=1e-9)
    np.testing.assert_array_equal(longer([], turned), shorter([], asked))


def test_what_belongs_to_a_standards_sentences_is_not_seen_by_votes() -> None:
    turned = [  # What tells comes last.
        ComparedPair(p.prompt_key, p.features_a[::-1], p.features_b[::-1], p.outcome, "", "")
        for p in pairs(300, 0)
    ]
    assert agreement(judge(1.0, told=0)(turned, turned), turned) > 0.85
    assert agreement(judge(1.0, told=1)(turned, turned), turned) < 0.75


def test_a_fold_is_called_by_what_the_others_taught() -> None:
    known: list[set[str]] = []

    def noting(train: Pairs, asked: Pairs) -> np.ndarray:
        known.append({pair.prompt_key for pair in train})
        assert known[-1].isdisjoint(pair.prompt_key for pair in asked)
        return np.arange(len(asked), dtype=float)

    found = pairs(100, 0)
    assert len(out_of_fold(noting, found)) == 100
    assert len(known) == 5
    assert set.union(*known) == {pair.prompt_key for pair in found}


def test_the_caller_of_the_lowest_held_out_loss_is_chosen() -> None:
    found = pairs(200, 0)
    assert log_loss(np.zeros(200), found) == pytest.approx(np.log(2))
    assert lowest_loss({p: judge(p) for p in (0.3, 1e6)}, found) == 0.3


def test_a_curve_grows_to_all_pairs_and_keeps_those_of_a_prompt_together() -> None:
    sizes: list[int] = []

    def noting(train: Pairs, asked: Pairs) -> np.ndarray:
        sizes.append(len(train))
        assert len({pair.prompt_key for pair in train}) == (len(train) + 1) // 2
        return np.zeros(len(asked))

    points = list(curve({"it": noting}, pairs(300, 0), pairs(20, 1)))
    assert [point.pairs for point in points] == [125, 250, 300]
    assert sizes == [125] * 3 + [250] * 3 + [300]
    assert all(point.share.value == 0.5 for point in points)


def questions(count: int, seed: int) -> tuple[list[Question], list[np.ndarray]]:
    """Of the first feature people say that it is rude, and prefer the other answer."""
    random = np.random.default_rng(seed)
    features = list(random.normal(size=(count, 2, FEATURES)))
    rude = [rows[:, 0] > 0 for rows in features]
    found = [
        Question(
            (("user", f"{seed} {i}"),),
            ("a", "b"),
            (Vote(0, 1, float(rows[0, 0] < rows[1, 0])),),
            broken={0: frozenset(["rude"] * bool(rude[i][0]))},
            critiques={0: "Rude.\nRude." if rude[i][0] else "No error."},
        )
        for i, rows in enumerate(features)
    ]
    return found, features


def test_marks_alone_teach_the_judge() -> None:
    train, features = questions(200, 0)
    asked, asked_features = questions(200, 1)
    standard = Standard(criteria=[Criterion(criterion_id="rude", weight=1, sentence="Not rude.")])
    call = by_marks(train, features, standard, ((),))
    train_pairs, asked_pairs = (
        [p for q, rows in zip(of, read, strict=True) for p in q.pairs(rows)]
        for of, read in ((train, features), (asked, asked_features))
    )
    assert agreement(call(train_pairs, asked_pairs), asked_pairs) > 0.8


def test_a_critique_of_the_first_answer_is_seen_only_where_it_is_given() -> None:
    found = questions(300, 0)[0]
    plain = list(np.random.default_rng(2).normal(size=(300, 2, FEATURES)))  # Tell nothing.
    helped = [
        rows[:1] + 9 * np.eye(FEATURES)[:1] * ("Rude" in question.critiques[0])
        for question, rows in zip(found, plain, strict=True)
    ]
    asked = critiques.first_answer_pairs(found, plain, helped)
    for seen in (critiques.without, critiques.in_place, critiques.beside):
        share = agreement(out_of_fold(critiques.judge(0.1, seen), asked), asked)
        assert (share < 0.6) if seen is critiques.without else (share > 0.65), seen
    assert agreement(out_of_fold(critiques.remarks(found), asked), asked) > 0.65


def test_a_result_is_written_with_its_floors_and_read_back() -> None:
    callers: Mapping[str, object] = {"longer": longer, "judge": judge(1.0)}
    found = result(
        "votes",
        pairs(150, 0),
        pairs(60, 1),
        callers,  # pyright: ignore[reportArgumentType]
        ("longer",),
        chosen={"judge": 1.0},
        panels={"both": ("longer", "judge")},
        folded={"longer": longer, "judge": tuned({0.1: judge(0.1), 1.0: judge(1.0)})},
        curve_of=("judge",),
    )
    _, judged, both = found.lines
    assert both.test.value < judged.test.value  # The words' count, which is louder, says nothing.
    assert judged.caller == "judge"
    assert judged.above["longer"].low > 0
    _, of_all, _ = found.folded
    assert of_all.share.high - of_all.share.low < judged.test.high - judged.test.low
    assert of_all.above["longer"].low > 0
    text = table(found)
    assert "150 pairs of 75 prompts to train, 60 of 30 to test" in text
    assert f"| judge | {of_all.share.value:.3f} (" in text
    assert f"| judge | {judged.validation:.3f} | {judged.test.value:.3f} (" in text
    machine = {"gpus": [], "processor": "a processor"}
    about = {"machine": machine, "model": "a-model", "commit": "0123456789"}
    page = tables({**about, "results": [asdict(found)]})
    assert text in page
    assert "a-model; a processor; commit 0123456" in page


def test_what_is_tuned_is_chosen_without_the_fold_that_it_is_asked() -> None:
    seen: list[set[str]] = []

    def option(train: Pairs, asked: Pairs) -> np.ndarray:
        seen.append({pair.prompt_key for pair in train})
        return np.ones(len(asked))

    every = pairs(100, 0)
    asked = every[:20]
    keys = {pair.prompt_key for pair in asked}
    tuned({0: option, 1: option})([pair for pair in every if pair.prompt_key not in keys], asked)
    assert seen and all(not keys & train for train in seen)
