"""When a judge is tried: after enough new marks, or other words, and then once."""

from pathlib import Path

import pytest
from tests.unit.judge.judge_versions import STANDARD
from tests.unit.learner.counting_trunk import CountingTrunk

from ratchet.learner.config import JudgeSettings
from ratchet.learner.feature_store import FeatureStore
from ratchet.learner.judge_training import JudgeTraining
from ratchet.learner.state import LearnerState
from ratchet.process.lease import ComputeLease
from ratchet.process.packed import pack_u32
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.preference_pb2 import VOTE_TIE, Comparison, Preference
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import Completion, WeightSpan
from ratchet.v1.standard_pb2 import Standard


def training(folder: Path, state: LearnerState, half_life: float = 0) -> JudgeTraining:
    features = FeatureStore(folder, CountingTrunk(), ComputeLease(None))  # pyright: ignore[reportArgumentType]
    settings = JudgeSettings(first_marks=4, refit_marks=4, half_life=half_life)
    found = JudgeTraining(settings, STANDARD.standard_id, state, features, lambda text: (1,))
    found.add_standard(STANDARD)
    return found


def unmarked(number: int, standard_version: int = STANDARD.version) -> Preference:
    """A pair in which a labeler has found nothing broken."""
    return Preference(
        submission_id=f"s{number}",
        labeler="ann",
        vote=VOTE_TIE,
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
        judges.add_preference(unmarked(number))
    assert judges.due
    with pytest.raises(ValueError, match="enough"):
        judges.train(seed=1)
    assert not judges.due
    judges.add_preference(unmarked(2))
    assert not judges.due
    judges.add_preference(unmarked(3))
    assert judges.due


def test_other_words_are_reason_enough(tmp_path: Path) -> None:
    judges = training(tmp_path, LearnerState(fitted_marks=4, fitted_standard=STANDARD.version))
    for number in range(2):
        judges.add_preference(unmarked(number))
    assert not judges.due
    later = Standard()
    later.CopyFrom(STANDARD)
    later.version += 1
    judges.add_standard(later)
    assert judges.due


def test_marks_of_an_older_policy_count_less(tmp_path: Path, monkeypatch) -> None:
    weights: list[float] = []

    def keep(marks, votes, *rest: object) -> None:
        weights.extend(mark.weight for mark in marks)
        weights.extend(vote.weight for vote in votes)
        raise ValueError("this is enough")

    monkeypatch.setattr("ratchet.reward.fit.fit_heads", keep)
    monkeypatch.setattr("ratchet.learner.judge_training.is_held_out", lambda key: False)
    judges = training(tmp_path, LearnerState(), half_life=2)
    for number, version in enumerate((1, 5)):
        preference = unmarked(number)
        span = WeightSpan(policy_version=version)
        preference.comparison.answer_b.weight_spans.append(span)
        judges.add_preference(preference)
    with pytest.raises(ValueError):
        judges.train(seed=1)
    assert weights == [0.25, 0.25, 1, 1, 0.25, 1]
