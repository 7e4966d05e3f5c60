"""Standards as nobody should write them, and what their checks say of answers."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fuzz.requests import TEXTS, requests

from ratchet.standard.checks.any_check import StandardCheck, check_of, message_of
from ratchet.standard.checks.base import CheckFailed
from ratchet.standard.checks.program import Program
from ratchet.standard.checks.python_cases import PythonCases
from ratchet.standard.validation import StandardError, validate_standard
from ratchet.v1.check_pb2 import Check
from ratchet.v1.feedback_service_pb2 import PutStandardRequest
from ratchet.v1.standard_pb2 import Criterion, Standard


def checks_of(standard: Standard) -> list[StandardCheck]:
    """None where the standard is refused, for a reason that names a field."""
    try:
        validate_standard(standard)
    except StandardError as error:
        assert error.field and error.description
        return []
    return [check_of(each.check) for each in standard.criteria if each.HasField("check")]


@settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
@given(st.one_of(requests(PutStandardRequest), requests(Check)), TEXTS, TEXTS)
def test_a_check_is_refused_or_tells_or_fails_as_checks_do(
    message: PutStandardRequest | Check, prompt: str, answer: str
) -> None:
    if isinstance(message, Check):
        criterion = Criterion(criterion_id="a", sentence="A.", weight=1, check=message)
        message = PutStandardRequest(standard=Standard(standard_id="a", criteria=[criterion]))
    for check in checks_of(message.standard):
        assert check_of(message_of(check)) == check
        if isinstance(check, PythonCases | Program):
            continue  # A process each: tests/unit/standard/checks tries them.
        try:
            assert isinstance(check.fault(prompt, answer), str)
        except CheckFailed as error:
            assert str(error)
