"""A preference as the learner holds it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ratchet.process.packed import unpack_u32
from ratchet.reward.marks import prompt_key
from ratchet.v1.critique_pb2 import Helper
from ratchet.v1.preference_pb2 import Preference

if TYPE_CHECKING:
    from ratchet.reward.packing import TokenGroup

FAIR_PICKS = {"first", "random"}
"""Pairs picked for another reason (disagreement, repeats) are no fair sample: no proof."""


@dataclass(frozen=True)
class LabeledPair:
    """A preference with its answers as tokens."""

    preference: Preference
    tokens: "TokenGroup"
    key: str
    """Of its prompt, by which it is in the hold-out or not"""

    @classmethod
    def of(cls, preference: Preference) -> "LabeledPair":
        """Unpacks the tokens.

        Raises:
            ValueError: packed ids have a bad length.
        """
        from ratchet.reward.packing import TokenGroup

        comparison = preference.comparison
        answers = [unpack_u32(a.token_ids) for a in (comparison.answer_a, comparison.answer_b)]
        tokens = TokenGroup(
            tuple(unpack_u32(comparison.prompt_token_ids)), tuple(tuple(ids) for ids in answers)
        )
        messages = [(message.role, message.content) for message in comparison.prompt.messages]
        return cls(preference, tokens, prompt_key(messages))

    @property
    def policy_version(self) -> int:
        """Newest version of the policy that wrote a token of either answer; 0 if none is named."""
        comparison = self.preference.comparison
        spans = (*comparison.answer_a.weight_spans, *comparison.answer_b.weight_spans)
        return max((span.policy_version for span in spans), default=0)

    @property
    def fair(self) -> bool:
        """Whether it may stand in the hold-out: what a reader had help with proves no judge."""
        picked_because = self.preference.comparison.picked_because
        return picked_because in FAIR_PICKS and not self.preference.assisted


def newest_helper(pairs: Iterable[LabeledPair]) -> Helper | None:
    """Of those whose critiques labelers were shown; None: people alone."""
    helped = (pair.preference for pair in pairs if pair.preference.assisted)
    return max(
        (preference.comparison.help.helper for preference in helped),
        key=lambda helper: (helper.policy_version, helper.marked_answers),
        default=None,
    )
