"""What readers are helped by: the critic of an arm, and which of its critiques they are shown."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.recursion.arm import Helper
from benchmarks.recursion.gold_judge import broken
from benchmarks.recursion.held_out import held_out
from benchmarks.recursion.judge import first_standard
from benchmarks.recursion.reading import Flags
from ratchet.critic.critic import Critic, critic_trunk
from ratchet.critic.fit import fit_critic
from ratchet.critic.marked_answers import marked_answers, token_group
from ratchet.learner.model import PolicyTrainer
from ratchet.learner.training_groups import token_group as group_tokens
from ratchet.reward.agreement import auc
from ratchet.reward.marks import MarkedAnswer
from ratchet.reward.sentences import sentences_of
from ratchet.reward.tokens import ChatTokenizer
from ratchet.reward.trunk import Trunk
from ratchet.v1.preference_pb2 import Comparison, Preference
from ratchet.v1.rollout_pb2 import RolloutGroup

FOLDER = "critic"


class Help:
    """The critic in force: none before the first marks."""

    def __init__(self, helper: Helper, model: Path, tokenizer: ChatTokenizer, newest: int) -> None:
        """Takes how many of the newest marked answers a critic is fitted on."""
        self._helper, self._model, self._newest = helper, model, newest
        self._sentences = sentences_of(
            first_standard(), lambda text: tokenizer.completion_ids(text, finished=False)
        )
        self._trunk: Trunk | None = None
        self._marked: list[MarkedAnswer] = []
        self.critic: Critic | None = None

    @property
    def wanted(self) -> bool:
        """Whether this arm has a critic at all."""
        return self._helper is not Helper.NOBODY

    def follow(self, trainer: PolicyTrainer, marks: Sequence[Preference], seed: int) -> None:
        """Before a reading: the policy as it is now, and its critic by the marks so far.

        The first policy's critic stays as it is.
        """
        if not self.wanted or (self._helper is Helper.FIRST and self.critic is not None):
            return
        with TemporaryDirectory() as folder:
            trainer.export(Path(folder))
            self._trunk = critic_trunk(Path(folder))
        self._marked = []
        if training := _training(marks):
            self._read(training[-self._newest // 2 :])
            self._fit(seed)

    def learn(self, marks: Sequence[Preference], seed: int) -> None:
        """After a reading: the critic of the policy as it is now, by the new marks too."""
        if self._trunk is None:
            return
        self._read(_training(marks))
        self._fit(seed)
        if self._helper is Helper.FIRST:
            self._trunk = None

    def flags(self, comparisons: Sequence[Comparison]) -> Mapping[str, Flags]:
        """By pair id, what a reader is shown of both answers.

        Nothing of pairs whose marks prove judges: what a critic says would be in the proof.
        """
        comparisons = [pair for pair in comparisons if not held_out(pair.prompt)]
        if self.critic is None or not comparisons:
            return {}
        flags = self.critic.flags([token_group(comparison) for comparison in comparisons])
        shown = [flag for pair in flags for flag in pair]
        if self._helper is Helper.SHUFFLED:
            # Half of the way round: no answer gets its own, nor that of the one beside it.
            half = len(comparisons) // 2 * 2 if len(comparisons) > 1 else 0
            shown = shown[half:] + shown[:half]
        return {
            comparison.pair_id: (shown[2 * i], shown[2 * i + 1])
            for i, comparison in enumerate(comparisons)
        }

    def aucs(self, held_out: Sequence[RolloutGroup]) -> dict[str, float | None]:
        """Of each criterion, how well the critic tells the answers that really break it.

        None where all answers break it, or none does. A criterion that it does not know counts .5.
        """
        if self.critic is None:
            return {}
        found = self.critic.broken([group_tokens(group) for group in held_out])
        broken_nC = np.nan_to_num(np.concatenate(found), nan=0.5)
        values = [
            auc(guess_n, truth_n)
            for guess_n, truth_n in zip(broken_nC.T, broken(held_out).T, strict=True)
        ]
        return {
            name: None if np.isnan(value) else value
            for name, value in zip(self.critic.criterion_ids, values, strict=True)
        }

    def save(self, folder: Path) -> None:
        """Writes the first policy's critic; any other is fitted anew before it is asked."""
        if self._helper is Helper.FIRST and self.critic is not None:
            (folder / FOLDER).mkdir()
            self.critic.save(folder / FOLDER)

    def load(self, folder: Path) -> None:
        """Takes up what `save` wrote."""
        if (folder / FOLDER).exists():
            self.critic = Critic.load(folder / FOLDER, critic_trunk(self._model))

    def _read(self, marks: Sequence[Preference]) -> None:
        assert self._trunk is not None, "a policy is followed before its critic learns"
        self._marked += marked_answers(marks, self._trunk, self._sentences)

    def _fit(self, seed: int) -> None:
        assert self._trunk is not None, "a policy is followed before its critic learns"
        critic = fit_critic(self._trunk, self._marked, first_standard(), self._sentences, seed)
        with TemporaryDirectory() as folder:
            # What is asked has been on disk, as a version that is served.
            critic.save(Path(folder))
            self.critic = Critic.load(Path(folder), self._trunk)


def _training(marks: Sequence[Preference]) -> list[Preference]:
    return [mark for mark in marks if not held_out(mark.comparison.prompt)]
