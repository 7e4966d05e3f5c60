"""Judged groups become policy updates."""

import logging
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import TYPE_CHECKING

from ratchet.autonomy.likeness import UNLIKE, likeness
from ratchet.autonomy.state import State
from ratchet.learner import metrics
from ratchet.learner.applied_groups import AppliedGroups
from ratchet.learner.canaries import without_canaries
from ratchet.learner.checkpoint import Checkpoint, CheckpointStore
from ratchet.learner.config import LearnerSettings
from ratchet.learner.group_buffer import Freshness, GroupBuffer, is_scored
from ratchet.learner.training_groups import training_group
from ratchet.process.failpoint import failpoint
from ratchet.process.lease import ComputeLease
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.weights_pb2 import GateReport, Manifest

if TYPE_CHECKING:
    from ratchet.learner.model import PolicyTrainer

KL_GROUPS = 12
"""Answers to gate prompts that a version's KL is measured on."""

log = logging.getLogger(__name__)


class PolicyTraining:
    """The trainer, the groups that wait for it, and the versions that come of it.

    It decides in the checkpoint's state and outbox; the loop commits.
    """

    def __init__(
        self,
        settings: LearnerSettings,
        checkpoint: Checkpoint,
        store: CheckpointStore,
        trainer: "PolicyTrainer",
        lease: ComputeLease,
    ) -> None:
        self._settings = settings
        self._checkpoint = checkpoint
        self._state = checkpoint.state
        self._store = store
        self.trainer = trainer
        self._lease = lease
        self._applied = AppliedGroups.load(self._state.applied)
        bound = 4 * settings.groups_per_update * (1 + settings.max_staleness)
        self._buffer = GroupBuffer(bound, checkpoint.waiting)

    @property
    def halted(self) -> bool:
        """Whether too many losses in a row were not finite."""
        return self._state.halted

    @property
    def updates_wanted(self) -> int:
        """Updates, counted from the first start of all, that are enough; 0: never enough."""
        told = self._state.updates_wanted
        return self._settings.updates_wanted if told is None else told

    @property
    def all_done(self) -> bool:
        """Whether as many updates were made as are wanted."""
        return 0 < self.updates_wanted <= self._state.updates

    def take(self, judged: JudgedGroup) -> None:
        """Let a well-formed training group wait for an update, or discard and count it.

        Raises:
            ValueError: the group's id is malformed.
        """
        if not self._applied.add(judged.group.group_id):
            self._discard(["duplicate"])
            return
        self._discard(self._buffer.add(judged, self._freshness))

    def ready(self) -> bool:
        """Whether there are fit groups enough for an update."""
        self._discard(self._buffer.discard_unfit(self._freshness))
        return len(self._buffer) >= self._settings.groups_per_update

    def update(self, planned: Manifest) -> None:
        """One update. A loss that is not finite changes nothing and publishes nothing."""
        state, judged = self._state, self._buffer.take(self._settings.groups_per_update)
        groups = [training_group(group, self._settings.spread_penalty) for group in judged]
        with self._lease.held():
            stats = self.trainer.update(groups)
        if stats.skipped:
            state.skipped_in_a_row += 1
            metrics.SKIPPED_UPDATES.inc()
            self._discard(["not_finite"] * len(judged))
            log.error("the loss is not finite: update skipped, %d in a row", state.skipped_in_a_row)
            return
        if state.corrupt_next:
            log.warning("drill: this update is spoiled on purpose")
            self.trainer.corrupt(seed=state.updates)
            state.corrupt_next, state.test_now = False, True
        failpoint("learner-after-step")
        state.skipped_in_a_row = 0
        state.updates += 1
        state.lineage_updates += 1
        state.groups_trained += len(judged)
        state.mean_score = fmean(j.score for g in judged for j in g.judgements if is_scored(j))
        state.kl = stats.kl
        alike = likeness([_texts(group) for group in judged]) or UNLIKE
        state.distinct_answers, state.answer_overlap = alike
        planned.parent, planned.updates = state.policy.serving, state.lineage_updates
        planned.judge_version = max(group.judge_version for group in judged)
        self._checkpoint.outbox += state.policy.put_on_probation(planned)
        metrics.UPDATES.inc()
        metrics.GROUPS_TRAINED.inc(len(judged))
        metrics.TRAINED_TOKENS.inc(stats.trained_tokens)
        metrics.LOGPROB_GAP.set(stats.logprob_gap)
        log.info(
            "update %d: policy %d, mean score %.3f, KL %.4f, log-probability gap %.4f, loss %.4f",
            state.updates,
            state.policy.serving,
            state.mean_score,
            stats.kl,
            stats.logprob_gap,
            stats.loss,
        )

    def kl(self, answers: Sequence[JudgedGroup]) -> float:
        """KL to the first policy, nats per token, of the policy that gave these answers.

        Measured on the first `KL_GROUPS` that are not of canaries, which decide nothing; in a turn
        at the compute lease.
        """
        measured = without_canaries(answers)[:KL_GROUPS]
        groups = [training_group(judged, 0.0) for judged in measured]
        with self._lease.held():
            return self.trainer.kl(groups)

    def prove(self, report: GateReport) -> None:
        """The served version becomes the floor."""
        self._checkpoint.outbox += self._state.policy.prove(report)
        self._state.floor_updates = self._state.lineage_updates

    def roll_back(self, planned: Manifest, report: GateReport | None) -> None:
        """The floor's weights and optimiser return under a new version number.

        Raises:
            NothingProven: nothing is on probation.
        """
        state, floor = self._state, self._state.policy.floor
        planned.updates = state.floor_updates
        self._checkpoint.outbox += state.policy.roll_back(planned, report)
        self.trainer.load(self._store.trainer(floor))
        state.lineage_updates = state.floor_updates
        state.distinct_answers, state.answer_overlap = UNLIKE
        state.rollbacks += 1
        metrics.ROLLBACKS.inc()
        log.warning("policy %d goes on from %d", state.policy.serving, floor)

    def promote(self, version: int, updates: int) -> None:
        """An operator's choice is served and trained on; its trainer's state must be kept."""
        if version != self._state.policy.serving:
            self.trainer.load(self._store.trainer(version))
        self._checkpoint.outbox += self._state.policy.promote(version)
        self._state.lineage_updates = self._state.floor_updates = updates
        self._state.distinct_answers, self._state.answer_overlap = UNLIKE

    def prepare_commit(self) -> None:
        """Put into the checkpoint what waits and what was applied."""
        self._checkpoint.waiting = self._buffer.groups
        self._state.applied = self._applied.dump()
        metrics.GROUPS_WAITING.set(len(self._buffer))

    @property
    def _freshness(self) -> Freshness:
        standing = self._state.gate.standing
        proven = standing.judge_version if standing.state > State.LEARNING else 0
        return Freshness(
            self._state.policy.serving,
            self._settings.max_staleness,
            self._state.policy.rejected,
            self._state.judge.rejected,
            proven if self._settings.gate.enabled else None,
        )

    def _discard(self, reasons: Iterable[str]) -> None:
        for reason in reasons:
            self._state.groups_discarded += 1
            metrics.GROUPS_DISCARDED.labels(reason).inc()


def _texts(judged: JudgedGroup) -> tuple[str, list[str]]:
    """What was asked, and all answers."""
    asked = "\n".join(message.content for message in judged.group.prompt.messages)
    return asked, [completion.text for completion in judged.group.completions]
