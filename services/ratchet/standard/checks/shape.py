"""Checks of an answer that need no model. Pure, in linear time: no pattern can backtrack."""

import json
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

Phrase = Annotated[str, Field(min_length=1)]
Phrases = Annotated[tuple[Phrase, ...], Field(min_length=1)]

_CLOSING = "\"')]*_\u201d\u2019"


class _Check(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class SaysOneOf(_Check):
    """One of the phrases stands in the answer, in whole words, in any case."""

    kind: Literal["says_one_of"]
    phrases: Phrases

    def met(self, prompt: str, completion: str) -> bool:
        """Whether the answer meets it."""
        return any(_says(completion, phrase) for phrase in self.phrases)


class SaysNoneOf(_Check):
    """None of the phrases stands in the answer, in whole words, in any case."""

    kind: Literal["says_none_of"]
    phrases: Phrases

    def met(self, prompt: str, completion: str) -> bool:
        """Whether the answer meets it."""
        return not any(_says(completion, phrase) for phrase in self.phrases)


class MaxWords(_Check):
    """At most so many words between white space."""

    kind: Literal["max_words"]
    words: PositiveInt

    def met(self, prompt: str, completion: str) -> bool:
        """Whether the answer meets it."""
        return len(completion.split()) <= self.words


class MinWords(_Check):
    """At least so many words between white space."""

    kind: Literal["min_words"]
    words: PositiveInt

    def met(self, prompt: str, completion: str) -> bool:
        """Whether the answer meets it."""
        return len(completion.split()) >= self.words


class Finished(_Check):
    """The answer ends with a sentence's punctuation, quotes and brackets after it aside."""

    kind: Literal["finished"]

    def met(self, prompt: str, completion: str) -> bool:
        """Whether the answer meets it."""
        return completion.rstrip().rstrip(_CLOSING).endswith((".", "!", "?", "\u2026"))


class ValidJson(_Check):
    """The answer is one JSON value (RFC 8259: no NaN), and nothing else."""

    kind: Literal["valid_json"]

    def met(self, prompt: str, completion: str) -> bool:
        """Whether the answer meets it."""
        try:
            json.loads(completion, parse_constant=_refuse, parse_int=str)
        except (ValueError, RecursionError):
            return False
        return True


class NamesSomethingOfThePrompt(_Check):
    """A long enough word of the prompt occurs in the answer."""

    kind: Literal["names_something_of_the_prompt"]
    min_letters: PositiveInt = 5
    """shorter words say too little about the prompt"""

    def met(self, prompt: str, completion: str) -> bool:
        """Whether the answer meets it."""
        named = {word for word in _words(prompt) if len(word) >= self.min_letters}
        return not named.isdisjoint(_words(completion))


class NotRepeating(_Check):
    """Few of the answer's word trigrams have occurred in it before."""

    kind: Literal["not_repeating"]
    max_share: float = Field(default=0.2, ge=0, le=1)
    """of all trigrams"""

    def met(self, prompt: str, completion: str) -> bool:
        """Whether the answer meets it."""
        words = _words(completion)
        trigrams = list(zip(words, words[1:], words[2:], strict=False))
        return len(trigrams) - len(set(trigrams)) <= self.max_share * len(trigrams)


AnyCheck = Annotated[
    SaysOneOf
    | SaysNoneOf
    | MaxWords
    | MinWords
    | Finished
    | ValidJson
    | NamesSomethingOfThePrompt
    | NotRepeating,
    Field(discriminator="kind"),
]


def _words(text: str) -> Sequence[str]:
    return "".join(c if c.isalnum() else " " for c in text.casefold()).split()


def _says(text: str, phrase: str) -> bool:
    wanted = " ".join(_words(phrase))
    # A phrase of punctuation alone has no words.
    return f" {wanted} " in f" {' '.join(_words(text))} " if wanted else phrase in text


def _refuse(constant: str) -> None:
    raise ValueError(constant)
