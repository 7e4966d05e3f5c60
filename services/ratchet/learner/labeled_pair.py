"""A preference as a judge is trained on it, or proven by it."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ratchet.reward.marks import ComparedPair
from ratchet.standard.marked_answers import marked_answers
from ratchet.v1.critique_pb2 import Helper
from ratchet.v1.preference_pb2 import VOTE_A, VOTE_B, Preference

if TYPE_CHECKING:
    from ratchet.reward.packing import TokenGroup

OUTCOMES = {VOTE_A: 1.0, VOTE_B: 0.0}
FAIR_PICKS = {"first", "random"}
"""Pairs picked for another reason (disagreement, repeats) are no fair sample: no proof."""


@dataclass(frozen=True)
class LabeledPair:
    """A preference with its answers as tokens."""

    preference: Preference
    tokens: "TokenGroup"
    key: str

    @property
    def policy_versions(self) -> set[int]:
        """The versions of the policy that wrote a token of either answer."""
        comparison = self.preference.comparison
        spans = (*comparison.answer_a.weight_spans, *comparison.answer_b.weight_spans)
        return {span.policy_version for span in spans}

    @property
    def policy_version(self) -> int:
        """The newest of them; 0 if none is named."""
        return max(self.policy_versions, default=0)

    @property
    def fair(self) -> bool:
        """Whether it may stand in the hold-out: what a reader had help with proves no judge."""
        picked_because = self.preference.comparison.picked_because
        return picked_because in FAIR_PICKS and not self.preference.assisted


def count_marked(pairs: Iterable[LabeledPair]) -> int:
    """Readings of an answer: two a preference, none where it has no marks."""
    return sum(len(marked_answers(pair.preference)) for pair in pairs)


def newest_helper(pairs: Iterable[LabeledPair]) -> Helper | None:
    """Of those whose critiques labelers were shown; None: people alone."""
    helped = (pair.preference for pair in pairs if pair.preference.assisted)
    return max(
        (preference.comparison.help.helper for preference in helped),
        key=lambda helper: (helper.policy_version, helper.marked_answers),
        default=None,
    )


def digest(pairs: Iterable[LabeledPair]) -> str:
    """Of which labels they are; it tells nobody which."""
    ids = "\n".join(pair.preference.submission_id for pair in pairs)
    return hashlib.sha256(ids.encode()).hexdigest()


def texts(pair: LabeledPair) -> ComparedPair:
    """The vote without features, which cost a pass of the trunk."""
    comparison = pair.preference.comparison
    return ComparedPair(
        prompt_key=pair.key,
        features_a=np.zeros(0),
        features_b=np.zeros(0),
        outcome=OUTCOMES.get(pair.preference.vote, 0.5),
        text_a=comparison.answer_a.text,
        text_b=comparison.answer_b.text,
        labeler=pair.preference.labeler,
    )


def firsts(pairs: Sequence[LabeledPair]) -> list[bool]:
    """Whether each is the first of its group."""
    seen: set[str] = set()
    groups = [pair.preference.comparison.group_id for pair in pairs]
    return [not (group in seen or seen.add(group)) if group else True for group in groups]
