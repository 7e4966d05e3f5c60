"""`ratchet labels export`: the preferences topic to a file."""

import argparse
import sys

from ratchet.labels.arguments import project_names
from ratchet.labels.config import kafka_settings
from ratchet.labels.formats.named import format_named
from ratchet.labels.label_file import LabelFile
from ratchet.labels.snapshot import preferences
from ratchet.v1.preference_pb2 import VOTE_A, VOTE_B


def export(arguments: argparse.Namespace) -> int:
    """0 once the file is there. Raises what `command` handles."""
    form = format_named(arguments.format, project_names(arguments))
    kept = [
        record.value
        for record in preferences(kafka_settings(arguments))
        if arguments.standard in (None, record.value.comparison.standard_id)
        and (not arguments.since or record.timestamp_ms >= arguments.since.timestamp() * 1000)
    ]
    decided = [each for each in kept if form.has_ties or each.vote in (VOTE_A, VOTE_B)]
    LabelFile(arguments.out).write(form.rows(decided), form.one_array)
    print(f"{arguments.out}: {len(decided)} labels")
    if left_out := len(kept) - len(decided):
        print(
            f"{left_out} ties and pairs of two bad answers are left out: the format "
            f"{arguments.format} cannot say them",
            file=sys.stderr,
        )
    return 0
