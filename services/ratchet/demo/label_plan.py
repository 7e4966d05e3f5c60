"""How a labeler spreads a fixed number of labels over a run."""

from collections import Counter
from dataclasses import dataclass, field

from ratchet.v1.preference_pb2 import Comparison


@dataclass
class LabelPlan:
    """The first comparisons at once, then a few per new policy version, until the limit."""

    first: int
    """Comparisons labeled as fast as they come."""
    per_version: int
    """Comparisons labeled, after those, per version of the policy above 1."""
    limit: int
    """Marked answers, two a comparison."""
    marked_answers: int = 0
    _labeled: Counter[int] = field(default_factory=Counter[int])

    @property
    def is_done(self) -> bool:
        """True once one more comparison would pass the limit."""
        return self.marked_answers + 2 > self.limit

    def wants(self, comparison: Comparison) -> bool:
        """Whether this comparison is one to label now."""
        if self.is_done:
            return False
        if self.marked_answers < 2 * self.first:
            return True
        version = newest_version(comparison)
        return version > 1 and self._labeled[version] < self.per_version

    def labeled(self, comparison: Comparison, marked_answers: int) -> None:
        """Counts a label; `marked_answers` is what the server counts, over all restarts."""
        if self.marked_answers >= 2 * self.first:
            self._labeled[newest_version(comparison)] += 1
        self.marked_answers = marked_answers


def newest_version(comparison: Comparison) -> int:
    """Newest version of the policy that wrote a token of either answer; 0 if none is named."""
    answers = comparison.answer_a, comparison.answer_b
    return max(
        (span.policy_version for answer in answers for span in answer.weight_spans), default=0
    )
