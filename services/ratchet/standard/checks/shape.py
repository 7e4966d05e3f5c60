"""Checks of how an answer reads, whatever it says."""

from typing import Annotated, Literal

from pydantic import Field

from ratchet.standard.checks.base import Check, Count
from ratchet.standard.checks.text import ends_sentence, words


class Finished(Check):
    """The answer ends with a sentence's punctuation, quotes and brackets after it aside."""

    kind: Literal["finished"]

    def fault(self, prompt: str, answer: str) -> str:
        """Whether its end is missing."""
        return "" if ends_sentence(answer) else "does not end with the end of a sentence"


class NamesSomethingOfThePrompt(Check):
    """A long enough word of the prompt occurs in the answer."""

    kind: Literal["names_something_of_the_prompt"]
    min_letters: Annotated[Count, Field(gt=0)] = 5
    """shorter words say too little about the prompt"""

    def fault(self, prompt: str, answer: str) -> str:
        """Whether all of them are missing."""
        named = {word for word in words(prompt) if len(word) >= self.min_letters}
        if named.isdisjoint(words(answer)):
            return f"has no word of {self.min_letters} letters or more in common with the question"
        return ""


class NotRepeating(Check):
    """Few of the answer's word trigrams have occurred in it before."""

    kind: Literal["not_repeating"]
    max_share: float = Field(default=0.2, ge=0, le=1)
    """of all trigrams"""

    def fault(self, prompt: str, answer: str) -> str:
        """How large the share is."""
        found = words(answer)
        trigrams = list(zip(found, found[1:], found[2:], strict=False))
        again = len(trigrams) - len(set(trigrams))
        if again <= self.max_share * len(trigrams):
            return ""
        return f"says {again / len(trigrams):.0%} of its three words in a row again"
