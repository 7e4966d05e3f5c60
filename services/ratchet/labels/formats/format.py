"""What a form of preference data can do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from ratchet.jsonl.rows import BadRow, Row
from ratchet.v1.preference_pb2 import Preference


class Format(Protocol):
    """Rows of a file, which are JSON objects, from and to preferences.

    A preference that was read has the prompt's messages, both answers' texts and the vote, and
    beside these what the form holds: labeler, seconds, marks (unset where it has none), subset.
    """

    has_ties: ClassVar[bool]
    """Whether it can say that neither answer won."""
    one_array: ClassVar[bool]
    """Whether a file is one JSON array; else it is JSON lines."""

    @staticmethod
    def recognizes(fields: Mapping[str, Any]) -> bool:
        """Whether a row looks like one of this form."""
        ...

    def read(self, row: Row) -> Iterator[Preference | BadRow]:
        """What people said in one row, each alone; nothing where nobody has yet.

        Raises:
            BadRow: the row as a whole cannot be read.
        """
        ...

    def rows(self, preferences: Sequence[Preference]) -> Iterable[dict[str, Any]]:
        """Rows that hold the preferences; none of them undecided unless `has_ties`."""
        ...
