"""People's preferences between harmless answers (hh-rlhf): one pair a line."""

import logging
from pathlib import Path

from benchmarks.agreement.question import BadData, Question, Vote
from ratchet.jsonl.preference import Preference
from ratchet.jsonl.rows import BadRow, Row, read_rows

log = logging.getLogger(__name__)

FILE = Path("hh-rlhf", "harmless-base-test.jsonl.gz")
FEWEST_SHARE = 0.95
"""With fewer good lines the file is not what it is taken for."""


def read(folder: Path) -> list[Question]:
    """All pairs. A line that holds none is named in the log and left out.

    Raises:
        OSError: the file cannot be read.
        BadData: more than a twentieth of the lines hold no pair.
    """
    path = folder / FILE
    found: list[Question] = []
    bad: list[str] = []
    for row in read_rows(path):
        try:
            found.append(_question(row))
        except BadRow as error:
            bad.append(f"line {row.number}: {error}")
            log.warning("%s: %s", path, bad[-1])
    if len(found) < FEWEST_SHARE * (len(found) + len(bad)) or not found:
        first = f", first {bad[0]}" if bad else ""
        raise BadData(path, "the file", f"{len(bad)} lines hold no pair{first}")
    return found


def _question(row: Row) -> Question:
    pair = Preference.of(row)
    for name, answer in (("chosen", pair.chosen), ("rejected", pair.rejected)):
        if not answer.strip():
            raise BadRow(name, "its last turn is empty")
    return Question(
        tuple((turn["role"], turn["content"]) for turn in pair.prompt),
        (pair.chosen, pair.rejected),
        (Vote(0, 1, 1.0),),
    )
