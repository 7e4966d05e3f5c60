"""People read pairs of answers, and what they mark is counted against gold."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.recursion.held_out import held_out
from ratchet.demo.erring_reader import ErringReader, customer_prompt
from ratchet.demo.gold import broken_criteria
from ratchet.demo.helped_reader import HelpedReader
from ratchet.demo.shop_standard import SENTENCES
from ratchet.feedback.pairs import REPEAT
from ratchet.v1.preference_pb2 import Comparison, Marks, Preference
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import Completion

Flags = tuple[Collection[str], Collection[str]]
"""Of both answers of a pair: the criteria that a critic says they break."""

NO_FLAGS: Flags = (frozenset(), frozenset())


@dataclass
class MarkCounts:
    """Over the answers that were read, of one criterion."""

    broken: int = 0
    caught: int = 0
    """Of the broken, those that were marked."""
    sound: int = 0
    wrong: int = 0
    """Of the sound, those that were marked."""

    def count(self, broken: bool, marked: bool) -> None:
        """One answer more."""
        if broken:
            self.broken += 1
            self.caught += marked
        else:
            self.sound += 1
            self.wrong += marked


Counts = dict[str, MarkCounts]
"""By criterion id."""


@dataclass(frozen=True)
class Readings:
    """What was said of some pairs, and how right it was."""

    preferences: list[Preference]
    shown: Counts
    """With the help that the readers had; of what trains."""
    alone: Counts
    """The same readers' draws of the same answers without help."""
    proving: Counts
    """Of what proves judges, which is read without help."""


class Readers:
    """Two people who take turns; of every batch a share is read by both."""

    def __init__(self, seed: int, caught: float, misled: float, repeat_share: float) -> None:
        self._readers = [
            HelpedReader(ErringReader(f"labeler-{i + 1}", seed), caught, misled) for i in range(2)
        ]
        self._repeat_share = repeat_share

    def new_pairs(self, pairs: int) -> int:
        """How many of so many readings are of a pair that nobody has read."""
        return pairs - round(pairs * self._repeat_share)

    def read(
        self, comparisons: Sequence[Comparison], flags: Mapping[str, Flags], pairs: int
    ) -> Readings:
        """So many readings of these comparisons, the last of them repeats of the first.

        Fewer comparisons than `new_pairs` have as many fewer readings, the same share of them
        repeats; none have none. Nobody reads a pair twice. `flags` are by pair id; a pair without
        any is read without help.
        """
        readings = Readings([], _no_counts(), _no_counts(), _no_counts())
        for i in range(self._readings(len(comparisons), pairs)):
            again = i >= len(comparisons)
            comparison = Comparison()
            comparison.CopyFrom(comparisons[i % len(comparisons)])
            if again:
                comparison.picked_because = REPEAT
            # Whoever read it first does not read it again.
            reader = self._readers[(i % len(comparisons) + again) % 2]
            shown = flags.get(comparison.pair_id, NO_FLAGS)
            readings.preferences.append(self._preference(reader, comparison, shown, readings))
        return readings

    def _readings(self, comparisons: int, pairs: int) -> int:
        if comparisons < self.new_pairs(pairs):
            pairs = round(comparisons / (1 - self._repeat_share))
        return min(pairs, 2 * comparisons)

    def _preference(
        self, reader: HelpedReader, comparison: Comparison, shown: Flags, readings: Readings
    ) -> Preference:
        prompt = comparison.prompt
        answers = (comparison.answer_a, comparison.answer_b)
        marks: list[Marks] = []
        for answer, flags in zip(answers, shown, strict=True):
            marks.append(reader.marks(prompt, answer, flags))
            if held_out(prompt):
                _count(readings.proving, prompt, answer, marks[-1])
                continue
            _count(readings.shown, prompt, answer, marks[-1])
            _count(readings.alone, prompt, answer, reader.alone.marks(prompt, answer))
        return Preference(
            submission_id=f"{comparison.pair_id}/{reader.name}",
            labeler=reader.name,
            vote=reader.vote(comparison),
            marks_a=marks[0],
            marks_b=marks[1],
            assisted=any(shown),
            comparison=comparison,
        )


def _no_counts() -> Counts:
    return {name: MarkCounts() for name in SENTENCES}


def _count(counts: Counts, prompt: Prompt, answer: Completion, marks: Marks) -> None:
    truth = broken_criteria(customer_prompt(prompt), answer.text, answer.finish_reason)
    for name, of_criterion in counts.items():
        of_criterion.count(name in truth, name in marks.broken_criterion_ids)
