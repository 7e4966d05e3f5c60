"""Checks of what an answer must say, and must not."""

from typing import Annotated, Literal

from pydantic import Field

from ratchet.standard.checks.base import Check
from ratchet.standard.checks.text import says

Phrases = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=1000)], ...],
    Field(min_length=1, max_length=10_000),
]


class MustContain(Check):
    """One of the phrases, or all of them, stand in the answer in whole words."""

    kind: Literal["must_contain"]
    phrases: Phrases
    all: bool = False
    """every phrase, not one of them"""
    case_sensitive: bool = False
    """capital letters count"""

    def fault(self, prompt: str, answer: str) -> str:
        """What is missing."""
        missing = [p for p in self.phrases if not says(answer, p, not self.case_sensitive)]
        if not missing or (not self.all and len(missing) < len(self.phrases)):
            return ""
        return f"does not say {_listed(missing, 'nor')}"


class MustNotContain(Check):
    """None of the phrases stand in the answer in whole words; with `all`, not all of them."""

    kind: Literal["must_not_contain"]
    phrases: Phrases
    all: bool = False
    """some of them may stand there, but not every one"""
    case_sensitive: bool = False
    """capital letters count"""

    def fault(self, prompt: str, answer: str) -> str:
        """What it says."""
        said = [p for p in self.phrases if says(answer, p, not self.case_sensitive)]
        if not said or (self.all and len(said) < len(self.phrases)):
            return ""
        return f"says {_listed(said, 'and')}"


class SaysOneOf(Check):
    """One of the phrases stands in the answer, in whole words, in any case."""

    kind: Literal["says_one_of"]
    phrases: Phrases

    def fault(self, prompt: str, answer: str) -> str:
        """What is missing."""
        return MustContain(kind="must_contain", phrases=self.phrases).fault(prompt, answer)


class SaysNoneOf(Check):
    """None of the phrases stands in the answer, in whole words, in any case."""

    kind: Literal["says_none_of"]
    phrases: Phrases

    def fault(self, prompt: str, answer: str) -> str:
        """What it says."""
        return MustNotContain(kind="must_not_contain", phrases=self.phrases).fault(prompt, answer)


def _listed(phrases: list[str], word: str) -> str:
    return f" {word} ".join(f'"{phrase}"' for phrase in phrases[:5])
