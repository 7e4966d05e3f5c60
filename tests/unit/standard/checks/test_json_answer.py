import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.unit.standard.checks.kinds import CHECK

from ratchet.standard.checks.base import Check, CheckFailed
from ratchet.standard.checks.schema import Schema


def of(schema: object) -> Check:
    return CHECK.validate_python({"kind": "json_schema", "schema": json.dumps(schema)})


def test_deep_and_long_json_is_answered() -> None:
    found = CHECK.validate_python({"kind": "valid_json"})
    assert "too deep" in found.fault("", "[" * 100_000)
    assert found.fault("", "9" * 10_000) == ""


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ("{", "is not JSON"),
        ("[]", "is a JSON object"),
        ('{"type": 3}', "no JSON Schema"),
        ('{"$ref": "https://example.org/schema"}', "not in this schema"),
        ('{"items": {"pattern": "(a"}}', "missing )"),
        ('{"patternProperties": {"(a+)+$": {}}}', "patternProperties is not supported"),
        ('{"$schema": "http://json-schema.org/draft-07/schema#"}', "2020-12"),
        ('{"not": ' * 5000 + "{}" + "}" * 5000, "longer than"),
    ],
)
def test_a_schema_that_cannot_be_held_to_is_told(schema: str, told: str) -> None:
    with pytest.raises(ValidationError, match=r"json_schema\.schema") as caught:
        CHECK.validate_python({"kind": "json_schema", "schema": schema})
    assert told in str(caught.value)


def test_the_whole_answer_is_read_before_its_fenced_block() -> None:
    check = of({"const": "```\n1\n```"})
    assert check.fault("", json.dumps("```\n1\n```")) == ""
    assert "first fenced block" in check.fault("", "```\n1,\n```\n")
    assert check.fault("", "Nothing.").startswith("is not JSON")


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"$ref": "#/nowhere"},
        # Two to the thirtieth steps.
        {
            "$defs": {
                "a30": {},
                **{f"a{i}": {"allOf": [{"$ref": f"#/$defs/a{i + 1}"}] * 2} for i in range(30)},
            },
            "$ref": "#/$defs/a0",
        },
    ],
)
def test_a_schema_without_end_fails_and_blames_no_answer(schema: dict[str, Any]) -> None:
    with pytest.raises(CheckFailed, match="schema"):
        of(schema).fault("", "1")


SLOW = "^(a+)+$"
LONG = "a" * 40 + "!"
"""for ever with Python's `re`"""
DRAFT = "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", ["default", "const", "enum", "examples", "$id", "pattern"])
@pytest.mark.parametrize("within", ["properties", "$defs", "dependentSchemas"])
def test_a_property_may_be_named_as_a_keyword_and_hides_none(name: str, within: str) -> None:
    with pytest.raises(ValidationError, match="patternProperties is not supported"):
        of({within: {name: {"patternProperties": {SLOW: {}}}}})
    assert of({within: {name: {}}}).fault("", '{"a": 1}') == ""


@pytest.mark.parametrize("name", ["patternProperties", "$id", "$ref", "$schema", "$dynamicRef"])
def test_a_property_named_as_what_is_refused_is_held_to(name: str) -> None:
    check = of({"properties": {name: {"type": "string"}}, "dependentRequired": {name: ["a"]}})
    assert check.fault("", json.dumps({name: "x", "a": 1})) == ""
    assert "is not of type 'string'" in check.fault("", json.dumps({name: 3, "a": 1}))


@pytest.mark.parametrize(
    "value",
    [
        {"patternProperties": {SLOW: {}}},
        {"additionalProperties": False, "patternProperties": {SLOW: {}}},
        {"unevaluatedProperties": False},
        {"unevaluatedItems": False},
        {"$dynamicRef": "#"},
    ],
)
def test_a_reference_to_a_value_reaches_no_refused_keyword(value: dict[str, Any]) -> None:
    check = of({"$ref": "#/default", "default": value})
    with pytest.raises(CheckFailed, match="the schema refers to one with"):
        check.fault("", json.dumps({LONG: 1}))


@pytest.mark.parametrize(
    "schema",
    [
        {"items": {"$schema": DRAFT, "pattern": SLOW}},
        {"$schema": DRAFT, "pattern": SLOW, "items": {"$ref": "#"}},
        {"items": {"$ref": "#/default"}, "default": {"$schema": DRAFT, "pattern": SLOW}},
    ],
)
def test_a_schema_within_that_names_its_draft_is_bounded_too(schema: dict[str, Any]) -> None:
    assert "has nothing that" in of(schema).fault("", json.dumps([LONG]))


def test_many_items_are_compared_in_linear_time() -> None:
    check = of({"uniqueItems": True})
    items: list[object] = [{"a": i} for i in range(15_000)]
    assert check.fault("", json.dumps(items)) == ""
    assert check.fault("", json.dumps([*items, {"a": 7}])) == "$: has an item twice"


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.sampled_from([0, 1, 1.0, 2, "a", "1"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=5,
)


@example(True, 1)
@example([0.0], [False])
@example({"a": 1.0}, {"a": 1})
@given(JSON, JSON)
def test_items_are_the_same_where_json_schema_says_so(a: object, b: object) -> None:
    # The library's own equality, which `const` asks.
    same = Schema(json.dumps({"const": a})).fault(b) == ""
    assert (Schema('{"uniqueItems": true}').fault([a, b]) != "") == same
