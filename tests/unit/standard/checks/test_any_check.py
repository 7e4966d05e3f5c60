from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.unit.standard.checks.kinds import (
    ADDS,
    CHECK,
    JSON_OF_A,
    OF_SETTINGS,
    OF_STANDARDS,
    PROMPT,
    SHOUTS,
    Kind,
)

from ratchet.standard.checks.any_check import StandardCheck, check_of, message_of
from ratchet.standard.checks.base import CheckFailed
from ratchet.v1.check_pb2 import Check


@pytest.mark.parametrize("kind", [*OF_STANDARDS, *OF_SETTINGS], ids=lambda k: k.check["kind"])
def test_each_check_tells_good_from_bad(kind: Kind) -> None:
    check = CHECK.validate_python(kind.check)
    assert check.fault(PROMPT, kind.good) == ""
    assert kind.reason in check.fault(PROMPT, kind.bad) != ""


@pytest.mark.parametrize("kind", OF_STANDARDS, ids=lambda k: k.check["kind"])
def test_a_check_crosses_as_a_message(kind: Kind) -> None:
    check = CHECK.validate_python(kind.check)
    assert isinstance(check, StandardCheck)
    message = Check.FromString(message_of(check).SerializeToString())
    assert check_of(message) == check


def test_every_kind_of_message_is_tried_here() -> None:
    kinds = {field.name for field in Check.DESCRIPTOR.oneofs_by_name["kind"].fields}
    assert kinds == {kind.check["kind"] for kind in OF_STANDARDS}


TEXTS = st.one_of(
    st.text(max_size=50),
    st.sampled_from(["", "\ud800", "[" * 100_000, "9" * 10_000, "1e999", "a b c " * 99, "\x00"]),
    st.lists(st.sampled_from(['{"a":', "```", "\n", "x", "]", "}", ADDS, "1"])).map("".join),
)
SMALL = st.integers(-1, 5)
PHRASES = st.lists(st.text(max_size=5), max_size=3)
KEYWORDS = "type $ref pattern items allOf not properties a uniqueItems enum multipleOf"
SCHEMAS = st.recursive(
    st.one_of(st.booleans(), st.integers(-2, 2), st.text(max_size=5), st.just("#")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(KEYWORDS.split()),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=8,
).map(lambda value: str(value).replace("'", '"').replace("True", "true").replace("False", "false"))
PIECES = """answer prompt len words ( ) [ ] < + * % and not 'a' 3 , : matches max has_any .
    __class__ lambda if else 1e308 in - ** for"""
EXPRESSIONS = st.lists(
    st.sampled_from(PIECES.split()),
    max_size=12,
).map(" ".join)
BOUNDS = ("min_words", "max_words", "min_characters", "max_characters", "max_sentences")
FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "length": {name: SMALL for name in BOUNDS},
    "must_contain": {"phrases": PHRASES, "all": st.booleans(), "case_sensitive": st.booleans()},
    "must_not_contain": {"phrases": PHRASES, "all": st.booleans(), "case_sensitive": st.booleans()},
    "regex": {"pattern": st.text("ab()[]*+?\\d{}1|^$.", max_size=12), "absent": st.booleans()},
    "finished": {},
    "valid_json": {},
    "json_schema": {"schema": st.one_of(st.text(max_size=10), st.just(JSON_OF_A), SCHEMAS)},
    "names_something_of_the_prompt": {"min_letters": SMALL},
    "not_repeating": {"max_share": st.floats()},
    "expression": {"expression": st.one_of(EXPRESSIONS, st.text(max_size=20))},
    "says_one_of": {"phrases": PHRASES},
    "says_none_of": {"phrases": PHRASES},
    "max_words": {"words": SMALL},
    "min_words": {"words": SMALL},
}
RUN: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "python_cases": {
        "cases": st.lists(
            st.fixed_dictionaries(
                {"call": st.sampled_from(["add(1, 2)", "x", "("])},
                optional={"gives": st.sampled_from(["3", "x"]), "raises": st.just("NameError")},
            ),
            max_size=2,
        ),
        "seconds": st.sampled_from([-1.0, 1.0]),
    },
    "program": {"code": st.sampled_from([SHOUTS, "x", "def check(prompt, answer): return 3"])},
}


def checks(fields: dict[str, dict[str, st.SearchStrategy[Any]]]) -> st.SearchStrategy[Any]:
    return st.sampled_from(sorted(fields)).flatmap(
        lambda kind: st.fixed_dictionaries({"kind": st.just(kind)}, optional=fields[kind])
    )


def answered(check: dict[str, Any], prompt: str, answer: str) -> None:
    try:
        fault = CHECK.validate_python(check).fault(prompt, answer)
    except (ValidationError, CheckFailed):
        return
    assert isinstance(fault, str)


@settings(deadline=None, max_examples=500)
@given(checks(FIELDS), TEXTS, TEXTS)
def test_any_check_of_any_answer_is_met_or_not_or_fails(
    check: dict[str, Any], prompt: str, answer: str
) -> None:
    answered(check, prompt, answer)


@settings(deadline=None, max_examples=20)
@given(checks(RUN), TEXTS, TEXTS)
def test_so_is_one_that_runs_a_program(check: dict[str, Any], prompt: str, answer: str) -> None:
    answered(check, prompt, answer)
