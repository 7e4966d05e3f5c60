"""Readings that a judge of the loop can learn from."""

from pathlib import Path

from benchmarks.critic.answers import read_by
from benchmarks.recursion.judge import first_standard
from tests.unit.learner.counting_trunk import CountingTrunk

from ratchet.demo.erring_reader import ErringReader
from ratchet.demo.prompts import TRAIN
from ratchet.learner.config import JudgeSettings
from ratchet.learner.feature_store import FeatureStore
from ratchet.learner.judge_training import JudgeTraining
from ratchet.learner.state import LearnerState
from ratchet.process.lease import ComputeLease
from ratchet.process.packed import pack_u32
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import Completion, RolloutGroup


def test_every_reading_is_one_of_the_shops_standard(tmp_path: Path) -> None:
    groups = [
        RolloutGroup(
            group_id=str(i),
            prompt=Prompt(messages=[Message(role="user", content=prompt.text)]),
            prompt_token_ids=pack_u32([1, 2]),
            completions=[
                Completion(text=text, token_ids=pack_u32([3]))
                for text in ("We are sorry.", "Thank you!")
            ],
        )
        for i, prompt in enumerate(TRAIN[:3])
    ]
    read = read_by(groups, ErringReader("ann", 0))
    assert read.marked_NC.shape == read.broken_NC.shape == (6, len(first_standard().criteria))
    features = FeatureStore(tmp_path, CountingTrunk(), ComputeLease(None))
    judges = JudgeTraining(
        JudgeSettings(), first_standard().standard_id, LearnerState(), features, lambda _: (1,)
    )
    judges.add_standard(first_standard())
    for preference in read.preferences:
        judges.add_preference(preference)
    assert judges.usable_marks == 6
