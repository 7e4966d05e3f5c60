"""When a judge is tried: after enough new marks, or other words, and then once."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.unit.judge.judge_versions import STANDARD
from tests.unit.learner.counting_trunk import CountingTrunk

from ratchet.learner.config import JudgeSettings
from ratchet.learner.feature_store import FeatureStore
from ratchet.learner.judge_gate import HeldOutMarks
from ratchet.learner.judge_training import PAIRS_AT_ONCE, JudgeTraining
from ratchet.learner.people_agreement import PeopleAgreement
from ratchet.learner.state import LearnerState
from ratchet.process.lease import ComputeLease
from ratchet.process.packed import pack_u32
from ratchet.reward.criterion_checks import CriterionChecks, fields_of
from ratchet.reward.heads import Scores
from ratchet.reward.marks import is_held_out, prompt_key
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.preference_pb2 import VOTE_A, VOTE_B, VOTE_TIE, Comparison, Marks, Preference
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import Completion, WeightSpan
from ratchet.v1.standard_pb2 import Standard
from ratchet.v1.weights_pb2 import GateReport, Manifest

HELD_OUT = [n for n in range(40) if is_held_out(prompt_key([("user", f"question {n}")]))]
TRAINED_ON = [n for n in range(40) if n not in HELD_OUT]


class Longer:
    """Heads that like long answers: the features of `CountingTrunk` say how long they are."""

    sentences = ()
    checks = ()

    def score(self, features_nF: np.ndarray) -> Scores:
        nothing = np.zeros((len(features_nF), 0))
        return Scores(features_nF[:, 1], nothing, nothing, nothing, nothing, nothing)


class LongerWithChecks(Longer):
    settings = SimpleNamespace(labelers=(), length_slopes=(0.0,))

    def __init__(self, standard: Standard) -> None:
        self.criterion_ids = [criterion.criterion_id for criterion in standard.criteria]
        self.checks = CriterionChecks(self.criterion_ids, fields_of(standard))

    def score(self, features_nF: np.ndarray) -> Scores:
        """Of the criterion with a check nothing is known before it is obeyed."""
        broken_nC = np.tile([np.nan, 0.5], (len(features_nF), 1))
        return replace(super().score(features_nF), broken_nC=broken_nC)

    def obey(self, scores: Scores, verdicts: Sequence[np.ndarray]) -> Scores:
        assert len(scores.score_n) == len(verdicts)
        assert all(verdict[0] in (0, 1) for verdict in verdicts)
        return scores


def training(folder: Path, state: LearnerState, half_life: float = 0) -> JudgeTraining:
    features = FeatureStore(folder, CountingTrunk(), ComputeLease(None))  # pyright: ignore[reportArgumentType]
    settings = JudgeSettings(first_marks=4, refit_marks=4, half_life=half_life)
    found = JudgeTraining(settings, STANDARD.standard_id, state, features, lambda text: (1,))
    found.add_standard(STANDARD)
    return found


def flawless(number: int, standard_version: int = STANDARD.version) -> Preference:
    """A pair in which a labeler has found nothing broken."""
    return Preference(
        submission_id=f"s{number}",
        labeler="ann",
        vote=VOTE_TIE,
        marks_a=Marks(),
        marks_b=Marks(),
        comparison=Comparison(
            prompt=Prompt(messages=[Message(role="user", content=f"question {number}")]),
            prompt_token_ids=pack_u32([1, 2]),
            answer_a=Completion(text="a", token_ids=pack_u32([3])),
            answer_b=Completion(text="b", token_ids=pack_u32([4, 5])),
            standard_id=STANDARD.standard_id,
            standard_version=standard_version,
        ),
    )


def test_a_fit_that_fails_is_tried_again_only_with_more_marks(tmp_path: Path) -> None:
    judges = training(tmp_path, LearnerState())
    for number in range(2):
        judges.add_preference(flawless(number))
    assert judges.due
    with pytest.raises(ValueError, match="enough"):
        judges.train(seed=1)
    assert not judges.due
    judges.add_preference(flawless(2))
    assert not judges.due
    judges.add_preference(flawless(3))
    assert judges.due


def test_other_words_are_reason_enough(tmp_path: Path) -> None:
    judges = fitted(tmp_path, LearnerState(), [flawless(number) for number in range(2)])
    assert not judges.due
    later = Standard()
    later.CopyFrom(STANDARD)
    later.version += 1
    judges.add_standard(later)
    assert judges.due


def fitted(folder: Path, state: LearnerState, preferences: Sequence[Preference]) -> JudgeTraining:
    """After a fit; marks that find no fault are not enough for a judge."""
    judges = training(folder, state)
    for preference in preferences:
        judges.add_preference(preference)
    with pytest.raises(ValueError, match="enough"):
        judges.train(seed=1)
    return judges


def without_marks(number: int) -> Preference:
    vote = flawless(number)
    vote.ClearField("marks_a")
    vote.ClearField("marks_b")
    return vote


@pytest.mark.parametrize("erased", [0, 2, 4])
@pytest.mark.parametrize("newer", [0, 1])
def test_what_was_erased_is_forgotten_by_the_next_judge(
    tmp_path: Path, erased: int, newer: int
) -> None:
    """Wherever it stood, whether it had marks, and whether as much has come meanwhile."""
    labels = [without_marks(n) if n in (2, 3) else flawless(n) for n in range(5)]
    state = LearnerState()
    assert not fitted(tmp_path, state, labels).due
    state = LearnerState.model_validate_json(state.model_dump_json())
    later = [flawless(9)] * newer
    whole, less = training(tmp_path, state), training(tmp_path, state)
    for label in labels + later:
        whole.add_preference(label)
    for label in labels[:erased] + labels[erased + 1 :] + later:
        less.add_preference(label)
    assert not whole.due
    assert less.due
    with pytest.raises(ValueError, match="enough"):
        less.train(seed=1)
    assert not less.due, "once"


def test_a_judge_forgets_nothing_where_too_few_marks_are_left(tmp_path: Path) -> None:
    state = LearnerState()
    fitted(tmp_path, state, [flawless(number) for number in range(2)])
    judges = training(tmp_path, state)
    judges.add_preference(flawless(0))
    assert not judges.due


def test_votes_without_marks_are_no_reading_of_an_answer(tmp_path: Path) -> None:
    judges = training(tmp_path, LearnerState())
    for number in range(4):
        vote = flawless(number)
        vote.ClearField("marks_a")
        if number:
            vote.ClearField("marks_b")
        judges.add_preference(vote)
    assert judges.marked_answers == judges.usable_marks == 1
    assert not judges.due


def test_a_fit_has_every_vote_and_the_marks_that_were_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[int, int]] = []

    def fit_heads(
        marks: Sequence[object], votes: Sequence[object], *_: object, **__: object
    ) -> None:
        given.append((len(marks), len(votes)))
        raise ValueError

    monkeypatch.setattr("ratchet.reward.fit.fit_heads", fit_heads)
    judges = training(tmp_path, LearnerState())
    preferences = [flawless(number) for number in range(20)]
    for vote in preferences[::2]:
        vote.ClearField("marks_a")
        vote.ClearField("marks_b")
    for preference in preferences:
        judges.add_preference(preference)
    with pytest.raises(ValueError):
        judges.train(seed=1)
    keys = [prompt_key([("user", f"question {number}")]) for number in range(20)]
    train = [number for number, key in enumerate(keys) if not is_held_out(key)]
    assert given == [(2 * sum(number % 2 for number in train), len(train))]


def labeled(number: int, labeler: str, picked_because: str = "random") -> Preference:
    found = flawless(number)
    found.submission_id, found.labeler, found.vote = f"{number}/{labeler}", labeler, VOTE_B
    found.comparison.group_id, found.comparison.picked_because = f"p0-{number}", picked_because
    return found


def test_labels_of_the_hold_out_bet_once_a_group_and_only_those_picked_at_random(
    tmp_path: Path,
) -> None:
    judges = training(tmp_path, LearnerState())
    first, second = HELD_OUT[:2]
    for preference in (
        labeled(TRAINED_ON[0], "ann"),
        labeled(first, "ann"),
        labeled(first, "bob"),
        labeled(second, "ann", picked_because="disagreement"),
    ):
        judges.add_preference(preference)
    heads: Any = Longer()
    found = judges.labels(heads, first=0)
    assert [(place, label.at_random) for place, label in found] == [
        (1, True),
        (2, False),
        (3, False),
    ]
    assert all(label.agreed == 1 for _, label in found), "B is longer, and people say so"
    assert [place for place, _ in judges.labels(heads, first=2)] == [2, 3]
    assert judges.labels(heads, first=4) == []
    assert judges.preferences == 4


def test_marks_of_an_older_policy_count_less(tmp_path: Path, monkeypatch) -> None:
    weights: list[float] = []

    def keep(marks, votes, *rest: object, **others: object) -> None:
        weights.extend(mark.weight for mark in marks)
        weights.extend(vote.weight for vote in votes)
        raise ValueError("this is enough")

    monkeypatch.setattr("ratchet.reward.fit.fit_heads", keep)
    monkeypatch.setattr("ratchet.learner.judge_training.is_held_out", lambda key: False)
    judges = training(tmp_path, LearnerState(), half_life=2)
    for number, version in enumerate((1, 5)):
        preference = flawless(number)
        span = WeightSpan(policy_version=version)
        preference.comparison.answer_b.weight_spans.append(span)
        judges.add_preference(preference)
    with pytest.raises(ValueError):
        judges.train(seed=1)
    assert weights == [0.25, 0.25, 1, 1, 0.25, 1]


def agreed(before: Sequence[float], now: Sequence[float]) -> PeopleAgreement:
    right_n = np.array([*before, *now], float)
    return PeopleAgreement.of(right_n, np.arange(len(right_n)) >= len(before))


def test_people_agree_with_the_judge_before_and_after_the_floor(tmp_path: Path) -> None:
    """The judge likes B, the longer one, and so do people until policy 5."""
    state = LearnerState()
    judges = training(tmp_path, state)
    votes = [(4, VOTE_B), (4, VOTE_B), (5, VOTE_A), (6, VOTE_B), (6, VOTE_TIE)]
    of_others = [
        labeled(HELD_OUT[5], "ann", picked_because="disagreement"),
        labeled(TRAINED_ON[0], "ann"),
    ]
    found = [labeled(number, "ann") for number in HELD_OUT[: len(votes)]]
    for preference, (version, vote) in zip(found, votes, strict=True):
        preference.vote = vote
        preference.comparison.answer_a.weight_spans.append(WeightSpan(policy_version=version))
    for preference in [*found, *of_others]:
        judges.add_preference(preference)
    heads: Any = Longer()
    state.policy.floor = 4
    assert judges.people_agreement(heads) == agreed(before=(1, 1), now=(0, 1))
    state.policy.floor = 6
    nobody = judges.people_agreement(heads)
    assert (nobody.before.total, nobody.now.total, nobody.enough) == (4, 0, False)


def test_people_agree_once_a_group(tmp_path: Path) -> None:
    judges = training(tmp_path, LearnerState())
    for number in HELD_OUT[:2]:
        for labeler in ("ann", "bob", "cem"):
            judges.add_preference(labeled(number, labeler))
    heads: Any = Longer()
    assert judges.people_agreement(heads).before.total == 2


def test_votes_on_what_the_gate_turned_down_are_on_neither_side(tmp_path: Path) -> None:
    """Else the gaming of refused rounds becomes what later rounds are held against."""
    state = LearnerState()
    policy, judges = state.policy, training(tmp_path, state)
    policy.serve_proven(Manifest())
    written_by = [policy.floor]
    for _ in range(2):
        policy.put_on_probation(Manifest())
        written_by.append(policy.serving)
        policy.roll_back(Manifest(), None)
    policy.put_on_probation(Manifest())
    written_by.append(policy.serving)
    assert written_by == [1, 2, 4, 6]
    for number, version in zip(HELD_OUT, written_by, strict=False):
        preference = labeled(number, "ann")
        if version > 1:
            preference.vote = VOTE_A
        preference.comparison.answer_b.weight_spans.append(WeightSpan(policy_version=version))
        judges.add_preference(preference)
    heads: Any = Longer()
    assert judges.people_agreement(heads) == agreed(before=(1,), now=(0,))
    policy.promote(1)
    policy.put_on_probation(Manifest())
    assert judges.people_agreement(heads).now.total == 0


def checked() -> Standard:
    """`short` by a check, which cannot tell of an answer that says `b`."""
    standard = Standard()
    standard.CopyFrom(STANDARD)
    standard.version += 1
    standard.criteria[0].check.expression.expression = "answer != 'b' or len(answer) / 0 > 1"
    return standard


def test_what_a_check_says_is_not_for_marks_to_prove(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[HeldOutMarks] = []

    def gate(held_out: HeldOutMarks, *_: object, **__: object) -> GateReport:
        given.append(held_out)
        return GateReport()

    monkeypatch.setattr("ratchet.learner.judge_training.judge_gate", gate)
    monkeypatch.setattr(
        "ratchet.reward.fit.fit_heads",
        lambda *_, obeys_checks: LongerWithChecks(checked()) if obeys_checks else None,
    )
    judges = training(tmp_path, LearnerState())
    judges.add_standard(checked())
    for number in range(40):
        preference = flawless(number, STANDARD.version + 1)
        preference.marks_a.broken_criterion_ids.append("low")
        preference.comparison.picked_because = "random"
        judges.add_preference(preference)
    judges.train(seed=1)
    assert given[0].broken_nC.tolist() == [[0.5]] * 2 * len(HELD_OUT)
    assert given[0].marked_nC.tolist() == [[True], [False]] * len(HELD_OUT)


@pytest.mark.parametrize("restarted", [True, False])
def test_checks_are_run_as_answers_are_read_and_not_when_a_judge_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, restarted: bool
) -> None:
    """Also where the features of all answers are on disk: after a restart, or another check."""
    judges = training(tmp_path, LearnerState())
    preferences = [flawless(number) for number in range(40)]
    for preference in preferences:
        judges.add_preference(preference)
    while judges.read_some():
        pass
    if restarted:
        judges = training(tmp_path, LearnerState())
        for preference in preferences:
            judges.add_preference(preference)
    judges.add_standard(checked())
    assert not judges.all_read
    ran: list[str] = []
    run = CriterionChecks.broken_C

    def broken_C(checks: CriterionChecks, asked: str, answer: str) -> np.ndarray:
        ran.append(asked)
        return run(checks, asked, answer)

    monkeypatch.setattr(CriterionChecks, "broken_C", broken_C)
    turns = 0
    while judges.read_some():
        turns += 1
        assert len(set(ran)) <= turns * PAIRS_AT_ONCE
    assert turns >= 1
    assert set(ran) == {f"question {number}" for number in HELD_OUT}
    assert judges.all_read


def test_a_pair_of_which_a_check_cannot_tell_is_no_label(tmp_path: Path) -> None:
    judges = training(tmp_path, LearnerState())
    judges.add_standard(checked())
    first, second = HELD_OUT[:2]
    preferences = [labeled(first, "ann"), labeled(second, "ann")]
    preferences[1].comparison.answer_b.text = "c"
    for preference in preferences:
        preference.comparison.standard_version = STANDARD.version + 1
        judges.add_preference(preference)
    heads: Any = LongerWithChecks(checked())
    assert [place for place, _ in judges.labels(heads, first=0)] == [1]
    heads.checks = ()
    assert [place for place, _ in judges.labels(heads, first=0)] == [0, 1]
