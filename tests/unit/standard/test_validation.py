import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratchet.demo.shop_standard import shop_standard
from ratchet.standard.validation import (
    MAX_CRITERIA,
    MAX_SENTENCE_LENGTH,
    StandardError,
    standard_faults,
    validate_standard,
)
from ratchet.v1.check_pb2 import Check
from ratchet.v1.standard_pb2 import Criterion, Standard


def standard(*criteria: Criterion) -> Standard:
    good = [Criterion(criterion_id="a", sentence="A.", weight=1)]
    good.append(Criterion(criterion_id="b", sentence="B.", weight=2))
    return Standard(standard_id="shop", criteria=[*good, *criteria])


def fault(wrong: Standard) -> str:
    with pytest.raises(StandardError) as caught:
        validate_standard(wrong)
    return caught.value.field


def test_the_shops_standard_is_valid() -> None:
    validate_standard(shop_standard())


@pytest.mark.parametrize("weight", [0.0, -1.0, math.nan, math.inf])
def test_a_weight_that_is_no_share_is_named(weight: float) -> None:
    wrong = standard(Criterion(criterion_id="c", sentence="C.", weight=weight))
    assert fault(wrong) == "criteria[2].weight"


@pytest.mark.parametrize("name", ["", "C", "1c", "c-d", "c d", "c" * 65, "c\n"])
def test_a_bad_criterion_id_is_named(name: str) -> None:
    wrong = standard(Criterion(criterion_id=name, sentence="C.", weight=1))
    assert fault(wrong) == "criteria[2].criterion_id"


def test_an_id_used_twice_is_named_where_it_comes_again() -> None:
    assert fault(standard(Criterion(criterion_id="a", sentence="C.", weight=1))) == (
        "criteria[2].criterion_id"
    )


@pytest.mark.parametrize("sentence", ["", "  \n", "x" * (MAX_SENTENCE_LENGTH + 1)])
def test_a_sentence_that_says_nothing_or_too_much_is_named(sentence: str) -> None:
    wrong = standard(Criterion(criterion_id="c", sentence=sentence, weight=1))
    assert fault(wrong) == "criteria[2].sentence"


@pytest.mark.parametrize(
    ("check", "field"),
    [
        (Check(), "check"),
        (Check(regex=Check.Regex(pattern="(a")), "check.regex.pattern"),
        (Check(length=Check.Length()), "check.length"),
        (Check(length=Check.Length(min_words=2, max_words=1)), "check.length"),
        (Check(must_contain=Check.MustContain()), "check.must_contain.phrases"),
        (Check(must_contain=Check.MustContain(phrases=["a", ""])), "check.must_contain.phrases[1]"),
        (Check(json_schema=Check.JsonSchema(schema="{")), "check.json_schema.schema"),
        (Check(expression=Check.Expression(expression="os")), "check.expression.expression"),
        (
            Check(not_repeating=Check.NotRepeating(max_share=math.nan)),
            "check.not_repeating.max_share",
        ),
        (
            Check(python_cases=Check.PythonCases(cases=[Check.PythonCases.Case(call="f()")])),
            "check.python_cases.cases[0]",
        ),
        (Check(program=Check.Program(code="x", seconds=99)), "check.program.code"),
    ],
)
def test_a_check_that_cannot_be_made_is_named(check: Check, field: str) -> None:
    wrong = standard(Criterion(criterion_id="c", sentence="C.", weight=1, check=check))
    assert fault(wrong) == f"criteria[2].{field}"


def test_a_check_is_part_of_a_valid_standard() -> None:
    check = Check(regex=Check.Regex(pattern=r"\bsorry\b"))
    validate_standard(standard(Criterion(criterion_id="c", sentence="C.", weight=1, check=check)))


def test_the_number_of_criteria_is_bounded() -> None:
    many = [
        Criterion(criterion_id=f"c{i}", sentence="C.", weight=1) for i in range(MAX_CRITERIA + 1)
    ]
    assert fault(Standard(standard_id="shop", criteria=many)) == "criteria"
    assert fault(Standard(standard_id="shop")) == "criteria"
    assert fault(Standard(criteria=many[:1])) == "standard_id"


@given(st.from_regex(r"[a-z][a-z0-9_]{0,40}", fullmatch=True), st.floats(1e-9, 1e9))
def test_every_well_formed_criterion_is_accepted(name: str, weight: float) -> None:
    criteria = [Criterion(criterion_id=name, sentence="Is so.", weight=weight)]
    validate_standard(Standard(standard_id="shop", criteria=criteria))


def test_every_fault_is_told_in_the_standards_order() -> None:
    wrong = standard(
        Criterion(criterion_id="c d", sentence=" ", weight=0),
        Criterion(criterion_id="a", sentence="A.", weight=1, check=Check()),
        Criterion(
            criterion_id="e",
            sentence="E.",
            weight=1,
            check=Check(program=Check.Program(code="x", seconds=31)),
        ),
    )
    assert [fault.field for fault in standard_faults(wrong)] == [
        "criteria[2].criterion_id",
        "criteria[2].sentence",
        "criteria[2].weight",
        "criteria[3].check",
        "criteria[3].criterion_id",
        "criteria[4].check.program.code",
        "criteria[4].check.program.seconds",
    ]
