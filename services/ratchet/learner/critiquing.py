"""The critic in the loop: fitted to people's marks, it says what people should look at next."""

import logging
import time
from typing import TYPE_CHECKING, NamedTuple

from ratchet.learner import metrics
from ratchet.learner.config import LearnerSettings
from ratchet.learner.critique_queue import CritiqueQueue
from ratchet.learner.judge_training import JudgeTraining
from ratchet.learner.progress import Progress
from ratchet.learner.state import LearnerState
from ratchet.learner.training_groups import token_group
from ratchet.process.lease import ComputeLease
from ratchet.stream.producer import Producer
from ratchet.stream.topics import CRITIQUES
from ratchet.v1.critique_pb2 import GroupCritiques, Helper
from ratchet.v1.rollout_pb2 import RolloutGroup
from ratchet.v1.weights_pb2 import ROLE_POLICY
from ratchet.weights.registry import Registry

if TYPE_CHECKING:
    from ratchet.critic.critic import Critic

log = logging.getLogger(__name__)


class Fit(NamedTuple):
    """What a critic was fitted on, or could not be."""

    policy_version: int
    marked_answers: int
    standard_version: int


class Critiquing:
    """Fits critics and has them read groups, in turns at the compute lease.

    Nothing is kept in the checkpoint: after a restart a critic is fitted anew, and people are shown
    the groups that waited without help.
    """

    def __init__(
        self,
        settings: LearnerSettings,
        state: LearnerState,
        judges: JudgeTraining,
        lease: ComputeLease,
        producer: Producer,
    ) -> None:
        self._settings = settings.critic
        self._registry = Registry(settings.registry)
        self._state = state
        self._judges = judges
        self._lease = lease
        self._producer = producer
        self._queue = CritiqueQueue(settings.standard_id, judges.fits)
        self._standard_id = settings.standard_id
        self._tried: Fit | None = None
        self._critic: Critic | None = None
        self._fit_of_critic = Fit(0, 0, 0)
        self._left = 0

    def take(self, group: RolloutGroup) -> None:
        """Let a group wait for its critiques, if it may have any.

        Raises:
            ValueError: packed ids have a bad length.
        """
        if self._settings.enabled:
            self._queue.add(group)

    def go_on(self, progress: Progress) -> None:
        """Fit the critic anew where that is due, or else critique what waits."""
        if not self._settings.enabled:
            return
        if self._fit_is_due:
            with progress.stage("fitting the critic"):
                self._fit()
        elif self._left and len(self._queue):
            with progress.stage("critiquing"):
                self._critique()

    @property
    def _fit_is_due(self) -> bool:
        settings, now, tried = self._settings, self._now, self._tried
        if now.marked_answers < settings.first_marks or not self._judges.all_read:
            return False
        if tried is None or now.standard_version != tried.standard_version:
            return True
        if now.marked_answers - tried.marked_answers >= settings.refit_marks:
            return True
        # A version that was turned down is left at once, whether for a later or an earlier one.
        moved = now.policy_version - tried.policy_version
        turned_down = tried.policy_version in self._state.policy.rejected
        return moved < 0 or moved >= settings.fit_every or turned_down

    @property
    def _now(self) -> Fit:
        standard = self._judges.standard
        return Fit(
            self._state.policy.serving,
            self._judges.training_marks,
            standard.version if standard else 0,
        )

    def _fit(self) -> None:
        from ratchet.critic.critic import critic_trunk
        from ratchet.critic.fit import fit_critic
        from ratchet.critic.marked_answers import marked_answers

        standard, sentences = self._judges.standard, self._judges.sentences
        assert standard is not None, "marks are counted by a standard"
        tried = self._tried = self._now
        self._left = 0
        preferences = self._judges.training_preferences()[-(self._settings.newest_marks // 2) :]
        folder = self._registry.folder(ROLE_POLICY, tried.policy_version)
        with self._lease.held():
            began = time.monotonic()
            try:
                trunk = critic_trunk(folder)
                marked = marked_answers(preferences, trunk, sentences)
                critic = fit_critic(trunk, marked, standard, sentences, seed=tried.policy_version)
            except ValueError as error:
                log.warning("no critic can be fitted yet: %s", error)
                return
            seconds = time.monotonic() - began
        self._critic, self._left = critic, self._settings.groups_per_fit
        self._fit_of_critic = tried._replace(marked_answers=len(marked))
        metrics.CRITIC_SECONDS.labels("fit").inc(seconds)
        log.info(
            "critic on policy %d: fitted on %d marked answers in %.1f s",
            tried.policy_version,
            len(marked),
            seconds,
        )

    def _critique(self) -> None:
        assert self._critic is not None, "groups are left to critique once a critic is fitted"
        groups = self._queue.take(self._left, self._judges.labeled_groups())
        if not groups:
            return
        self._left -= len(groups)
        with self._lease.held():
            began = time.monotonic()
            said = self._critic.critiques([token_group(group) for group in groups])
            seconds = time.monotonic() - began
        fit = self._fit_of_critic
        deliveries = [
            self._producer.send(
                CRITIQUES,
                group.group_id,
                GroupCritiques(
                    group_id=group.group_id,
                    standard_id=self._standard_id,
                    standard_version=fit.standard_version,
                    helper=Helper(
                        policy_version=fit.policy_version, marked_answers=fit.marked_answers
                    ),
                    critiques=critiques,
                ),
            )
            for group, critiques in zip(groups, said, strict=True)
        ]
        for delivery in deliveries:
            delivery.wait()
        metrics.CRITIC_SECONDS.labels("critique").inc(seconds)
        metrics.CRITIQUED_GROUPS.inc(len(groups))
        log.info("critiqued %d groups, %.2f s each", len(groups), seconds / len(groups))
