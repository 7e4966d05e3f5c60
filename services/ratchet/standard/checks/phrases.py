"""Checks of what an answer must say, and must not."""

from collections.abc import Iterable, Sequence
from itertools import islice
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
        said = _said(answer, self.phrases, not self.case_sensitive)
        if len(said) == len(self.phrases) or (said and not self.all):
            return ""
        if not self.all:
            return _says_none(self.phrases)
        missing = [phrase for phrase in self.phrases if phrase not in said]
        return f"does not say {' nor '.join(_quoted(missing))}"


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
        said = _said(answer, self.phrases, not self.case_sensitive)
        if not said or (self.all and len(said) < len(self.phrases)):
            return ""
        return _holds(said)


class SaysOneOf(Check):
    """One of the phrases stands in the answer, in whole words, in any case."""

    kind: Literal["says_one_of"]
    phrases: Phrases

    def fault(self, prompt: str, answer: str) -> str:
        """What is missing."""
        return "" if any(says(answer, p) for p in self.phrases) else _says_none(self.phrases)


class SaysNoneOf(Check):
    """None of the phrases stands in the answer, in whole words, in any case."""

    kind: Literal["says_none_of"]
    phrases: Phrases

    def fault(self, prompt: str, answer: str) -> str:
        """What it says."""
        said = _said(answer, self.phrases, fold=True)
        return _holds(said) if said else ""


def _said(answer: str, phrases: Sequence[str], fold: bool) -> list[str]:
    return [phrase for phrase in phrases if says(answer, phrase, fold)]


def _says_none(phrases: Iterable[str]) -> str:
    return f"says none of {', '.join(_quoted(phrases))}"


def _holds(phrases: Iterable[str]) -> str:
    return f"says {' and '.join(_quoted(phrases))}"


def _quoted(phrases: Iterable[str]) -> list[str]:
    """The first few: an owner needs no more."""
    return [f'"{phrase}"' for phrase in islice(phrases, 5)]
