"""A simulated person who reads answers with a critic's help: it says only where to look."""

from collections.abc import Collection
from dataclasses import dataclass

from ratchet.demo.erring_reader import ErringReader, mark_chance
from ratchet.v1.preference_pb2 import Comparison, Marks, Vote
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import Completion

CAUGHT_RATE = 0.90
MISLED_RATE = 0.15


@dataclass(frozen=True)
class HelpedReader:
    """An erring reader who looks again where the critic points.

    Where it points at a broken criterion the reader catches it with `caught`, where it points at
    one that is met the reader is misled with `misled`; where it does not point, the reader errs as
    without help. What is drawn is what the reader without help would draw: the two differ only
    where the critic pointed. Votes are given without help.
    """

    alone: ErringReader
    caught: float = CAUGHT_RATE
    misled: float = MISLED_RATE

    @property
    def name(self) -> str:
        """As a labeler's."""
        return self.alone.name

    def marks(self, prompt: Prompt, answer: Completion, flags: Collection[str]) -> Marks:
        """The criteria that this reader believes the answer to break, shown these flags."""

        def chance(criterion_id: str, broken: bool) -> float:
            if criterion_id not in flags:
                return mark_chance(criterion_id, broken)
            return self.caught if broken else self.misled

        return self.alone.marks_by_chance(prompt, answer, chance)

    def vote(self, comparison: Comparison) -> Vote:
        """Which answer this reader calls better."""
        return self.alone.vote(comparison)
