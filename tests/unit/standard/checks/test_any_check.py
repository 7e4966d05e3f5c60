import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from ratchet.standard.checks import AnyCheck

CHECK: TypeAdapter[AnyCheck] = TypeAdapter(AnyCheck)
EVERY = [
    {"kind": "says_one_of", "phrases": ["order number"]},
    {"kind": "says_none_of", "phrases": ["refund"]},
    {"kind": "max_words", "words": 3},
    {"kind": "min_words", "words": 3},
    {"kind": "finished"},
    {"kind": "valid_json"},
    {"kind": "names_something_of_the_prompt"},
    {"kind": "not_repeating"},
]


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    list(
        zip(
            EVERY,
            [
                "Your ORDER\nnumber?",
                "prerefunded",
                "a b c",
                "a b c",
                'Yes.")',
                "[1]",
                "Kettle!",
                "a b c d",
            ],
            [
                "border numbers",
                "A refund.",
                "a b c d",
                "a b",
                "Yes, and",
                "[NaN]",
                "my",
                "a b c " * 3,
            ],
            strict=True,
        )
    ),
)
def test_each_check_tells_good_from_bad(check: dict[str, object], good: str, bad: str) -> None:
    found = CHECK.validate_python(check)
    assert found.met("My kettle leaks.", good)
    assert not found.met("My kettle leaks.", bad)


@given(st.text(), st.text())
def test_no_text_breaks_a_check(prompt: str, completion: str) -> None:
    for check in EVERY:
        assert CHECK.validate_python(check).met(prompt, completion) in (True, False)


def test_deep_and_long_json_is_answered() -> None:
    found = CHECK.validate_python({"kind": "valid_json"})
    assert not found.met("", "[" * 100_000)
    assert found.met("", "9" * 10_000)
