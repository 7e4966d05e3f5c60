"""What the helper said of groups, and which pairs people are shown with it."""

import hashlib

from ratchet.v1.critique_pb2 import Critique, GroupCritiques
from ratchet.v1.preference_pb2 import Comparison, Help

MOST_GROUPS = 20_000
"""Groups whose critiques are remembered; the oldest make way."""

HELPED_SHARE = 0.5


class CritiqueBook:
    """The critiques of groups, from the topic. Pure; not thread-safe."""

    def __init__(self) -> None:
        self._groups: dict[str, GroupCritiques] = {}

    def add(self, critiques: GroupCritiques) -> None:
        """Takes a group's in. A second word on the same group changes nothing.

        Raises:
            ValueError: it names no helper, or speaks of other criteria from answer to answer.
        """
        if not critiques.HasField("helper"):
            raise ValueError("helper: is not set")
        if len({_named(critique) for critique in critiques.critiques}) > 1:
            raise ValueError("critiques: of other criteria from answer to answer")
        self._groups.setdefault(critiques.group_id, critiques)
        if len(self._groups) > MOST_GROUPS:
            del self._groups[next(iter(self._groups))]

    def help_with(self, comparison: Comparison) -> Help | None:
        """What a pair is shown with: critiques of both its answers, or nothing.

        Nothing for one half of the pairs, so that at all times labels with and without help can be
        compared; nor where the helper was fitted under another version of the standard.
        """
        group = self._groups.get(comparison.group_id)
        if group is None or not may_be_helped(comparison.pair_id):
            return None
        theirs = group.standard_id, group.standard_version
        if theirs != (comparison.standard_id, comparison.standard_version):
            return None
        a, b = (int(place) for place in comparison.pair_id.rpartition("/")[2].split("-"))
        if max(a, b) >= len(group.critiques):
            return None
        return Help(
            helper=group.helper, critique_a=group.critiques[a], critique_b=group.critiques[b]
        )


def may_be_helped(pair_id: str) -> bool:
    """By the hash of the pair, before anything is known of it or of who will read it."""
    digest = hashlib.sha256(f"help\n{pair_id}".encode()).digest()
    return int.from_bytes(digest[:4]) < HELPED_SHARE * 2**32


def _named(critique: Critique) -> tuple[str, ...]:
    return tuple(criterion.criterion_id for criterion in critique.criteria)
