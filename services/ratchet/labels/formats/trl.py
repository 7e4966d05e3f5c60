"""TRL's preference data: `{"prompt": ..., "chosen": ..., "rejected": ...}`."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from ratchet.jsonl.preference import Preference as ChosenAndRejected
from ratchet.jsonl.rows import BadRow, Row
from ratchet.labels.pair import Fields, pair, turns
from ratchet.v1.preference_pb2 import VOTE_A, VOTE_B, Preference

CHOSEN, REJECTED = "chosen", "rejected"


class Trl:
    """Explicit and implicit prompts, texts and conversations are read; conversations written."""

    has_ties: ClassVar[bool] = False
    one_array: ClassVar[bool] = False

    @staticmethod
    def recognizes(fields: Mapping[str, Any]) -> bool:
        """By what was chosen and what was not."""
        return CHOSEN in fields and REJECTED in fields

    def read(self, row: Row) -> Iterator[Preference | BadRow]:
        """The one preference of a line.

        The form says nothing of the order of showing. So that A is not always what was chosen, the
        answers' hashes say which one is A: the same pair has the same order, whoever chose.
        """
        found = ChosenAndRejected.of(row)
        answers = [(found.chosen, CHOSEN, VOTE_A), (found.rejected, REJECTED, VOTE_B)]
        swapped = _digest(found.chosen) > _digest(found.rejected)
        (a, field_a, _), (b, field_b, _) = reversed(answers) if swapped else answers
        comparison = pair(found.prompt, a, b, Fields("prompt", field_a, field_b))
        yield Preference(vote=VOTE_B if swapped else VOTE_A, comparison=comparison)

    def rows(self, preferences: Sequence[Preference]) -> Iterator[dict[str, Any]]:
        """A line for each."""
        for preference in preferences:
            chosen, rejected = chosen_and_rejected(preference)
            yield {
                "prompt": turns(preference.comparison),
                CHOSEN: [{"role": "assistant", "content": chosen}],
                REJECTED: [{"role": "assistant", "content": rejected}],
            }


def chosen_and_rejected(preference: Preference) -> tuple[str, str]:
    """The texts of the preferred answer and of the other one."""
    a, b = preference.comparison.answer_a.text, preference.comparison.answer_b.text
    return (a, b) if preference.vote == VOTE_A else (b, a)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
