"""What a project of an annotation tool calls things: every project may choose its own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ratchet.jsonl.rows import BadRow
from ratchet.jsonl.turns import NEITHER, prompt_turns
from ratchet.labels.pair import Fields, pair, turns
from ratchet.v1.preference_pb2 import (
    VOTE_A,
    VOTE_B,
    VOTE_BOTH_BAD,
    VOTE_TIE,
    Comparison,
    Vote,
)

TIE, BOTH_BAD = "tie", "both_bad"

COMMON: dict[str, Vote] = {
    **dict.fromkeys(("a", "left", "1"), VOTE_A),
    **dict.fromkeys(("b", "right", "2"), VOTE_B),
    **dict.fromkeys(("tie", "equal", "same", "bothgood"), VOTE_TIE),
    **dict.fromkeys(("bothbad", "neither", "tiebothbad"), VOTE_BOTH_BAD),
}
"""Words for votes, as `_plain` makes them."""


@dataclass(frozen=True)
class Names:
    """Fields of the data, the question that was asked, and the words for its answers."""

    prompt: str
    answer_a: str
    answer_b: str
    question: str
    """Empty: whatever question is answered by a vote."""
    a: str = ""
    """The word for a vote for A beside the common ones; so the next three."""
    b: str = ""
    tie: str = ""
    both_bad: str = ""

    def read_pair(self, data: Mapping[str, Any], within: str) -> Comparison:
        """The pair that these fields of `within` hold.

        Raises:
            BadRow: one is missing, empty or no text.
        """
        fields = Fields(*(f"{within}.{n}" for n in (self.prompt, self.answer_a, self.answer_b)))
        prompt = prompt_turns(data.get(self.prompt))
        if prompt is None:
            raise BadRow(fields.prompt, NEITHER)
        answers = data.get(self.answer_a), data.get(self.answer_b)
        for field, answer in zip(fields[1:], answers, strict=True):
            if not isinstance(answer, str):
                raise BadRow(field, "is no text")
        return pair(prompt, str(answers[0]), str(answers[1]), fields)

    def written_pair(self, comparison: Comparison) -> dict[str, Any]:
        """The fields with a pair in them."""
        return {
            self.prompt: turns(comparison),
            self.answer_a: comparison.answer_a.text,
            self.answer_b: comparison.answer_b.text,
        }

    def vote(self, said: object) -> Vote | None:
        """The vote that a word is, in any case and without its punctuation; None of others.

        An answer's field is a word for it, too: "Response 1" says response1.
        """
        if not isinstance(said, str):
            return None
        own = {self.a: VOTE_A, self.b: VOTE_B, self.tie: VOTE_TIE, self.both_bad: VOTE_BOTH_BAD}
        own.pop("", None)
        fields = {_plain(self.answer_a): VOTE_A, _plain(self.answer_b): VOTE_B}
        return own.get(said) or fields.get(_plain(said)) or COMMON.get(_plain(said))


def _plain(word: str) -> str:
    return "".join(character for character in word.casefold() if character.isalnum())
