"""Checks on what labelers send: each raises the error that names the field at fault."""

import math
from collections.abc import Sequence

from ratchet.process.errors import InvalidField
from ratchet.v1.feedback_service_pb2 import SubmitPreferenceRequest
from ratchet.v1.preference_pb2 import VOTE_UNSPECIFIED, Vote
from ratchet.v1.standard_pb2 import Standard

MAX_NAME_LENGTH = 200
MAX_SECONDS = 86_400.0


def check_name(field: str, value: str) -> None:
    """A labeler or an id: present, printable and not too long."""
    if not value.strip():
        raise InvalidField(field, "is empty")
    if len(value) > MAX_NAME_LENGTH:
        raise InvalidField(field, f"longer than {MAX_NAME_LENGTH} characters")
    if not value.isprintable():
        raise InvalidField(field, "holds characters that cannot be printed")


def check_submission(request: SubmitPreferenceRequest) -> None:
    """What can be told without knowing the pair."""
    for field in ("pair_id", "submission_id", "labeler"):
        check_name(field, getattr(request, field))
    if request.vote == VOTE_UNSPECIFIED or request.vote not in Vote.values():
        raise InvalidField("vote", "must be one of VOTE_A, VOTE_B, VOTE_TIE, VOTE_BOTH_BAD")
    if not (math.isfinite(request.seconds) and 0 <= request.seconds <= MAX_SECONDS):
        raise InvalidField("seconds", f"must be between 0 and {MAX_SECONDS:.0f}")


def check_marks(field: str, broken: Sequence[str], standard: Standard) -> None:
    """Every mark is a criterion of the standard, and none is given twice."""
    known = {criterion.criterion_id for criterion in standard.criteria}
    for index, criterion_id in enumerate(broken):
        at = f"{field}.broken_criterion_ids[{index}]"
        if criterion_id not in known:
            raise InvalidField(
                at, f"{criterion_id!r} is no criterion of standard {standard.standard_id!r}"
            )
        if criterion_id in broken[:index]:
            raise InvalidField(at, f"{criterion_id!r} is marked twice")
