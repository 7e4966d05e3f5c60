"""The loop's judge in one process: fitted as the learner does, asked as the judge service does."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.recursion.arm import Reward
from ratchet.demo.shop_standard import STANDARD_ID, shop_standard
from ratchet.judge.engines.torch_engine import TorchEngine
from ratchet.judge.judgement import judgement
from ratchet.judge.versions import JudgeVersion
from ratchet.learner.config import JudgeSettings
from ratchet.learner.feature_store import FeatureStore
from ratchet.learner.judge_training import JudgeTraining, TrainedJudge
from ratchet.learner.state import LearnerState
from ratchet.learner.training_groups import token_group
from ratchet.process.lease import ComputeLease
from ratchet.reward.heads import Scores
from ratchet.reward.tokens import ChatTokenizer
from ratchet.reward.trunk import Trunk
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.preference_pb2 import Preference
from ratchet.v1.rollout_pb2 import RolloutGroup
from ratchet.v1.standard_pb2 import Standard

FOLDER = "judge"


def first_standard() -> Standard:
    """The shop's standard, as the feedback service numbers it."""
    standard = shop_standard()
    standard.version = 1
    return standard


class Judge:
    """All marks and votes so far, and the version in force."""

    def __init__(
        self,
        model: Path,
        features: Path,
        tokenizer: ChatTokenizer,
        settings: JudgeSettings,
        guidance: Reward,
    ) -> None:
        trunk = Trunk(model)
        self._engine = TorchEngine(trunk, trunk.context_tokens)
        self._training = JudgeTraining(
            settings,
            STANDARD_ID,
            LearnerState(),
            FeatureStore(features, trunk, ComputeLease(None)),
            lambda text: tokenizer.completion_ids(text, finished=False),
        )
        self._training.add_standard(first_standard())
        self._guidance = guidance
        self.version: JudgeVersion | None = None

    def learn(self, preferences: Sequence[Preference]) -> None:
        """Takes in what readers said."""
        for preference in preferences:
            self._training.add_preference(preference)
        while self._training.read_some():
            pass

    def fit(self, number: int, seed: int) -> TrainedJudge:
        """Fits the next version, and asks it from now on.

        One that the gate does not prove is not asked, unless there is none before it: in the
        services people would be asked for more marks then, and here all arms have the same number.

        Raises:
            ValueError: no criterion has enough marks.
        """
        trained = self._training.train(seed)
        if trained.report.passed or self.version is None:
            with TemporaryDirectory() as folder:
                # As the judge service does it: what is asked has been on disk.
                trained.heads.save(Path(folder))
                self.version = self._engine.load(Path(folder), number)
        return trained

    def save(self, folder: Path) -> None:
        """Writes the version in force, if there is one."""
        if self.version is not None:
            (folder / FOLDER).mkdir()
            self.version.heads.save(folder / FOLDER)

    def load(self, folder: Path, number: int) -> None:
        """Takes up what `save` wrote."""
        self.version = self._engine.load(folder / FOLDER, number)

    def judge(self, groups: Sequence[RolloutGroup]) -> list[JudgedGroup]:
        """Every group with its judgements, all by the version in force."""
        version = self.version
        assert version is not None, "a judge is fitted before it is asked"
        found = self._engine.score(version, [token_group(group) for group in groups])
        return [
            JudgedGroup(
                group=group,
                judgements=[
                    judgement(version, guided, i, f"completions[{i}]")
                    for i in range(len(group.completions))
                ],
                judge_version=version.number,
                standard_version=version.standard_version,
            )
            for group, scores in zip(groups, found, strict=True)
            for guided in [self._guided(scores)]
        ]

    def _guided(self, scores: Scores) -> Scores:
        """With the score by what this judge goes by."""
        votes_n = scores.preferred_to_anchor_n
        of_votes_n = scores.preferred_bootstrap_nK.std(axis=1)
        match self._guidance:
            case Reward.VOTES:
                return replace(scores, score_n=votes_n, spread_n=of_votes_n)
            case Reward.BOTH:
                both_n = np.mean([scores.score_n, votes_n], axis=0)
                spread_n = np.mean([scores.spread_n, of_votes_n], axis=0)
                return replace(scores, score_n=both_n, spread_n=spread_n)
            case _:
                return scores
