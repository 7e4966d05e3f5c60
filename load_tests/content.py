"""What stands in a call: other words in each, so that no cache makes the load easy."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from load_tests.trace import Lengths

# Each is one token of common vocabularies.
COMMON = (
    "the of and to in is that it for was on are as with they be at one have this from by hot but "
    "what some we can out other were all there when up use your how said an each she which do"
)
WORDS = COMMON.split()


@dataclass(frozen=True)
class Content:
    """Token ids in `low` to `high` - 1, or words in their place."""

    trace: Sequence[Lengths]
    seed: int
    low: int
    high: int

    def __post_init__(self) -> None:
        if not 0 <= self.low < self.high < 2**32:
            raise ValueError(f"token-ids: {self.low}:{self.high} is no range of token ids")

    def ids(self, number: int) -> tuple[list[int], list[list[int]]]:
        """Prompt and completions of the call with this number; the same again for the same seed."""
        lengths = self.trace[number % len(self.trace)]
        total = lengths.prompt + sum(lengths.completions)
        random = np.random.default_rng((self.seed, number))
        ids: list[int] = random.integers(self.low, self.high, total).tolist()
        cuts = np.cumsum((lengths.prompt, *lengths.completions)).tolist()
        completions = [ids[a:b] for a, b in pairwise(cuts)]
        return ids[: lengths.prompt], completions

    def texts(self, number: int) -> tuple[str, list[str]]:
        """The same in words, about one a token."""
        prompt, completions = self.ids(number)
        return _words(prompt), [_words(completion) for completion in completions]


def _words(ids: Sequence[int]) -> str:
    return " ".join(WORDS[id_ % len(WORDS)] for id_ in ids)
