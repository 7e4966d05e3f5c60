"""What an import has come to so far."""

import sys
from pathlib import Path

from ratchet.jsonl.rows import Row
from ratchet.v1.preference_pb2 import Preference, Vote

MOST_SHOWN = 20
"""Errors that are printed one by one."""


class Tally:
    """Counts, and the votes that are known: those of the topic and of the file so far."""

    def __init__(self, file: Path, unit: str, votes: dict[str, Vote]) -> None:
        """Takes what a row of the file is called, and known votes by submission id."""
        self._file = file
        self._unit = unit
        self._votes = votes
        self.rows = 0
        self.without_label = 0
        self.errors = 0
        self._new = 0
        self._known = 0
        self._contrary = 0

    def has(self, label: Preference) -> bool:
        """Whether a label of our own form is one of the topic's; counted where it is."""
        return label.submission_id in self._votes and not self.is_new(label)

    def is_new(self, preference: Preference) -> bool:
        """Counts a preference; False where the labeler's word on the pair is known."""
        vote = self._votes.get(preference.submission_id)
        if vote is None:
            self._votes[preference.submission_id] = preference.vote
            self._new += 1
        elif vote == preference.vote:
            self._known += 1
        else:
            self._contrary += 1
        return vote is None

    def add_error(self, row: Row, error: ValueError) -> None:
        """Counts what cannot be taken, and says so on stderr, unless too much was said."""
        self.errors += 1
        if self.errors <= MOST_SHOWN:
            print(f"{self._file}: {self._unit} {row.number}: {error}", file=sys.stderr)
        elif self.errors == MOST_SHOWN + 1:
            print("further errors are counted alone", file=sys.stderr)

    def summary(self, dry_run: bool) -> str:
        """One line with all counts that are not 0."""
        added = "would be added" if dry_run else "added"
        counts = [
            (self._new, f"labels {added}"),
            (self._known, "there before"),
            (self._contrary, "there before with another vote, which stands"),
            (self.without_label, f"{self._unit}s without a label"),
            (self.errors, "errors"),
        ]
        told = ", ".join(f"{count} {what}" for count, what in counts if count)
        return f"{self._file}: {self.rows} {self._unit}s: {told or 'nothing'}"
