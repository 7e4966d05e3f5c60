"""Which answers of a preference were marked at all."""

from ratchet.v1.preference_pb2 import Preference


def marked_answers(preference: Preference) -> list[int]:
    """Of the answers 0 (A) and 1 (B) those with marks, also where nothing of them is broken.

    An imported vote has none: of its answers it is unknown what they break.
    """
    marked = preference.HasField("marks_a"), preference.HasField("marks_b")
    return [answer for answer in (0, 1) if marked[answer]]
