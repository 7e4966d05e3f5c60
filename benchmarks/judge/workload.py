"""What is scored: token ids of the lengths that the figures are stated for."""

from dataclasses import dataclass

import numpy as np

from ratchet.reward.packing import TokenGroup

MEDIAN_TOKENS, SHORTEST, LONGEST = 300, 50, 1000
COMPLETION_TOKENS = 50
PROMPT_TOKENS = 330
COMPLETIONS = 8
VOCABULARY = range(100, 49000)


@dataclass(frozen=True)
class Workload:
    """Units `first` to `first + count` of a kind; the same ones in every process."""

    kind: str
    """"single": conversations of about 300 tokens; "group": 8 completions of one prompt; "alone":
    the completions of such a group with a prompt for each."""
    first: int
    count: int
    length: int = 0
    """Tokens of every conversation, or of every completion of a group; 0: they differ."""

    def groups(self) -> list[TokenGroup]:
        """The units as groups; a conversation is a group of one."""
        make = _conversation if self.kind == "single" else _group
        made = [make(np.random.default_rng(unit), self.length) for unit in self._units()]
        if self.kind != "alone":
            return made
        return [
            TokenGroup(group.prompt_ids, (ids,)) for group in made for ids in group.completion_ids
        ]

    def sequences(self) -> list[list[int]]:
        """Every prompt with its completion, as a peer reads it."""
        return [
            [*group.prompt_ids, *ids] for group in self.groups() for ids in group.completion_ids
        ]

    def _units(self) -> range:
        return range(self.first, self.first + self.count)


def _conversation(random: np.random.Generator, length: int) -> TokenGroup:
    length = length or int(
        np.clip(np.exp(random.normal(np.log(MEDIAN_TOKENS), 0.6)), SHORTEST, LONGEST)
    )
    completion = min(COMPLETION_TOKENS, length // 2)
    return TokenGroup(_ids(random, length - completion), (_ids(random, completion),))


def _group(random: np.random.Generator, length: int) -> TokenGroup:
    prompt = _ids(random, PROMPT_TOKENS)
    lengths = [length] * COMPLETIONS if length else random.integers(50, 151, COMPLETIONS)
    return TokenGroup(prompt, tuple(_ids(random, int(length)) for length in lengths))


def _ids(random: np.random.Generator, count: int) -> tuple[int, ...]:
    return tuple(random.integers(VOCABULARY.start, VOCABULARY.stop, count).tolist())
