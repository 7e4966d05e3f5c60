"""What the engines are measured on: random token ids, in the shapes that a judge is asked in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ratchet.reward.packing import TokenGroup
from ratchet.reward.passes import parts

Kind = Literal["single", "group"]
KINDS: tuple[Kind, ...] = ("single", "group")

Batch = list[TokenGroup]


@dataclass(frozen=True)
class Sizes:
    """Of one run. Lengths are means: each is half as much to one and a half times as much."""

    singles: int
    groups: int
    completions: int
    prompt_tokens: int
    completion_tokens: int

    def count(self, kind: Kind) -> int:
        """Prompts of a kind."""
        return self.singles if kind == "single" else self.groups


@dataclass(frozen=True)
class Bounds:
    """What the engines and the judge can take."""

    vocabulary: int
    context_tokens: int
    batch_tokens: int


@dataclass(frozen=True)
class Workload:
    """Runs of batches as the judge's queue would make them; no two share a prompt."""

    sizes: Sizes
    bounds: Bounds

    def batches(self, kind: Kind, run: int) -> list[Batch]:
        """The same for every engine; what is longer than the context is cut to it."""
        random = np.random.default_rng([run, KINDS.index(kind)])
        batches: list[Batch] = []
        room = 0
        for group in self._groups(kind, random):
            if not batches or group.length > room:
                batches.append([])
                room = self.bounds.batch_tokens
            batches[-1].append(group)
            room -= group.length
        return batches

    def _groups(self, kind: Kind, random: np.random.Generator) -> Iterator[TokenGroup]:
        answers = 1 if kind == "single" else self.sizes.completions
        context = self.bounds.context_tokens
        for _ in range(self.sizes.count(kind)):
            prompt = self._ids(random, self.sizes.prompt_tokens, context // 2)
            room = context - len(prompt)
            ids = [self._ids(random, self.sizes.completion_tokens, room) for _ in range(answers)]
            yield from parts(TokenGroup(prompt, tuple(ids)), self.bounds.batch_tokens)

    def _ids(self, random: np.random.Generator, mean: int, most: int) -> tuple[int, ...]:
        length = int(random.integers(mean - mean // 2, mean + mean // 2 + 1))
        return tuple(random.integers(0, self.bounds.vocabulary, min(length, most)).tolist())


def sequence_tokens(batches: Sequence[Batch]) -> int:
    """Tokens of every prompt with its answer: a shared prompt counts for each answer."""
    return sum(
        len(group.prompt_ids) + len(ids)
        for batch in batches
        for group in batch
        for ids in group.completion_ids
    )
