"""Checks of how long an answer is."""

from collections.abc import Callable, Mapping
from typing import Literal, Self

from pydantic import PositiveInt, model_validator

from ratchet.standard.checks.base import Check, Count
from ratchet.standard.checks.text import sentences


def _words(text: str) -> int:
    return len(text.split())


_MEASURES: Mapping[str, Callable[[str], int]] = {
    "words": _words,
    "characters": len,
    "sentences": sentences,
}


class Length(Check):
    """Within bounds: at least one is given."""

    kind: Literal["length"]
    min_words: Count | None = None
    """words stand between white space"""
    max_words: Count | None = None
    min_characters: Count | None = None
    """white space at both ends does not count"""
    max_characters: Count | None = None
    min_sentences: Count | None = None
    """an unfinished one at the end counts"""
    max_sentences: Count | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.model_fields_set <= {"kind"}:
            raise ValueError("names no bound, such as max_words")
        for unit, least, most in self._bounds():
            if least is not None and most is not None and least > most:
                raise ValueError(f"min_{unit} is above max_{unit}")
        return self

    def fault(self, prompt: str, answer: str) -> str:
        """The first bound that it passes."""
        text = answer.strip()
        for unit, least, most in self._bounds():
            if least is None and most is None:
                continue
            found = _MEASURES[unit](text)
            if least is not None and found < least:
                return f"has {found} {unit}, at least {least} are asked for"
            if most is not None and found > most:
                return f"has {found} {unit}, at most {most} are allowed"
        return ""

    def _bounds(self) -> tuple[tuple[str, int | None, int | None], ...]:
        return (
            ("words", self.min_words, self.max_words),
            ("characters", self.min_characters, self.max_characters),
            ("sentences", self.min_sentences, self.max_sentences),
        )


class MaxWords(Check):
    """At most so many words between white space."""

    kind: Literal["max_words"]
    words: PositiveInt

    def fault(self, prompt: str, answer: str) -> str:
        """How many it has."""
        found = _words(answer)
        return f"has {found} words, at most {self.words} are allowed" if found > self.words else ""


class MinWords(Check):
    """At least so many words between white space."""

    kind: Literal["min_words"]
    words: PositiveInt

    def fault(self, prompt: str, answer: str) -> str:
        """How many it has."""
        found = _words(answer)
        if found >= self.words:
            return ""
        return f"has {found} words, at least {self.words} are asked for"
