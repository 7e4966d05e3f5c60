import pytest
from pydantic import ValidationError
from tests.unit.standard.checks.kinds import CHECK


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("(a", "missing )"),
        (r"(a)\1", "invalid escape"),
        ("(?=a)", "invalid perl operator"),
        ("((a{100}){100}){100}", "repetition"),
        ("a" * 1001, "longer than 1000"),
        ("", "is empty"),
    ],
)
def test_what_re2_does_not_take_is_told(pattern: str, told: str) -> None:
    with pytest.raises(ValidationError, match=r"regex\.pattern") as caught:
        CHECK.validate_python({"kind": "regex", "pattern": pattern})
    assert told in str(caught.value)


def test_a_pattern_that_backtracks_elsewhere_is_matched_in_linear_time() -> None:
    # `re` would not end within the age of the universe.
    check = CHECK.validate_python({"kind": "regex", "pattern": "^(a|aa)+$"})
    assert check.fault("", "a" * 100_000 + "b") != ""
