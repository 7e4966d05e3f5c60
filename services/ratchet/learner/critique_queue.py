"""Groups that wait for the critic."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from ratchet.learner.group_buffer import policy_versions
from ratchet.learner.training_groups import token_group
from ratchet.reward.marks import is_held_out, prompt_key
from ratchet.v1.prompt_pb2 import PURPOSE_LABEL, PURPOSE_TRAIN
from ratchet.v1.rollout_pb2 import RolloutGroup

if TYPE_CHECKING:
    from ratchet.reward.packing import TokenGroup

MOST_WAITING = 256
"""The oldest make way."""


class CritiqueQueue:
    """Groups that people may be asked about, and whose marks do not prove judges.

    Of a prompt of the hold-out nothing is ever critiqued: what a critic says would be in the proof.
    """

    def __init__(self, standard_id: str, fits: Callable[["TokenGroup"], bool]) -> None:
        """`fits`: whether the critic can read a group's tokens."""
        self._standard_id = standard_id
        self._fits = fits
        self._groups: dict[str, RolloutGroup] = {}

    def __len__(self) -> int:
        """How many wait."""
        return len(self._groups)

    def add(self, group: RolloutGroup) -> None:
        """Let a group wait, if it may be critiqued.

        Raises:
            ValueError: packed ids have a bad length.
        """
        prompt = group.prompt
        if prompt.standard_id != self._standard_id:
            return
        if prompt.purpose not in (PURPOSE_TRAIN, PURPOSE_LABEL):
            return
        if is_held_out(prompt_key([(said.role, said.content) for said in prompt.messages])):
            return
        if self._fits(token_group(group)):
            self._groups[group.group_id] = group
        if len(self._groups) > MOST_WAITING:
            del self._groups[next(iter(self._groups))]

    def take(self, count: int, labeled: Collection[str]) -> list[RolloutGroup]:
        """At most so many that people are likely to be asked about next; they wait no longer.

        The newest policy's first, and of one version in the order in which they came, as feedback
        offers them. What was labeled already is forgotten.
        """
        self._groups = {name: group for name, group in self._groups.items() if name not in labeled}
        newest_first = sorted(
            self._groups.values(), key=lambda group: -max(policy_versions(group), default=0)
        )
        for group in newest_first[:count]:
            del self._groups[group.group_id]
        return newest_first[:count]
