"""Our own form: a preference as it stands in the topic, in protobuf's JSON."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError

from ratchet.jsonl.rows import BadRow, Row
from ratchet.v1.preference_pb2 import Preference


class Ratchet:
    """Loses nothing: what was written reads back to the same message."""

    has_ties: ClassVar[bool] = True
    one_array: ClassVar[bool] = False

    @staticmethod
    def recognizes(fields: Mapping[str, Any]) -> bool:
        """By the comparison that every preference holds."""
        return "comparison" in fields and "vote" in fields

    def read(self, row: Row) -> Iterator[Preference | BadRow]:
        """The one preference of a line."""
        row.check()
        try:
            yield ParseDict(row.fields, Preference())
        except (ParseError, ValueError) as error:
            raise BadRow("", str(error)) from None

    def rows(self, preferences: Sequence[Preference]) -> Iterator[dict[str, Any]]:
        """A line for each."""
        for preference in preferences:
            yield MessageToDict(preference, preserving_proto_field_name=True)
