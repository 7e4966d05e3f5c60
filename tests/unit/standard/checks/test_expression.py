import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.unit.standard.checks.kinds import CHECK

from ratchet.standard.checks.base import CheckFailed
from ratchet.standard.checks.evaluator import Unevaluable, evaluated, parsed


def value(expression: str, answer: str = "One two. Three!") -> object:
    return evaluated(parsed(expression, ["answer"]), {"answer": answer})


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("len(words(answer)) - 1 == 2 and sentences(answer) == 2", True),
        ("answer[0:3] + answer[-1]", "One!"),
        ("count(lower(answer), 'o')", 2),
        ("1 < 2 < 2", False),
        ("'two' in answer and 'two' not in words('one')", True),
        ("has_all(answer, ['One', 'Three']) and not has_any(answer, ['Four'])", True),
        ("matches(answer, '(?i)THREE.$') if starts_with(answer, 'One') else 1", True),
        ("ends_with(answer, '!') == starts_with(answer, 'one')", False),
        ("max(len(lines(answer)), 3.5) % 2", 1.5),
        ("False and 1 / 0 == 1", False),
        ("min(words(answer))", "One"),
    ],
)
def test_an_expression_has_pythons_value(expression: str, expected: object) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("answer.__class__", "Attribute"),
        ("(lambda: 1)()", "function's name"),
        ("[x for x in answer]", "ListComp"),
        ("__import__('os')", "no function __import__"),
        ("eval('1')", "no function eval"),
        ("os", "there is no os"),
        ("len(*answer)", "Starred"),
        ("len(obj=answer)", "named arguments"),
        ("f'{answer}'", "JoinedStr"),
        ("2 ** 9", "Pow"),
        ("answer[::2]", "step"),
        ("matches(answer, answer)", "pattern in quotes"),
        ("matches(answer, '(a')", "RE2"),
        ("10000000000000000", "too large"),
        ("b'a'", "not known"),
        ("1 +", "is no expression"),
        ("- " * 100 + "1", "nested too deeply"),
        ("1" * 1001, "longer than"),
        ("a\x00", "is no expression"),
    ],
)
def test_what_is_not_known_is_told_before_any_answer_comes(expression: str, told: str) -> None:
    with pytest.raises(ValidationError, match=r"expression\.expression") as caught:
        CHECK.validate_python({"kind": "expression", "expression": expression})
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "expression",
    [
        "1 / (len(answer) - 15)",
        "'%99999999d' % 1",
        "'a' * 3",
        "'%d' % 3",
        "words(answer)[9]",
        "len",
        "words(3)",
        "1e308 * 10",
        "1 + 'a'",
        "len(1, 2)",
        "has_any(answer, answer)",
        "answer < 3",
        "-answer",
    ],
)
def test_what_has_no_value_is_an_error(expression: str) -> None:
    with pytest.raises(Unevaluable):
        value(expression)


def test_texts_cannot_grow_without_bound() -> None:
    with pytest.raises(Unevaluable, match="too long"):
        value("len(answer + answer) == 1", "a" * 150_000)
    with pytest.raises(Unevaluable, match="too large"):
        value("*".join(["1000000"] * 9))


def test_only_true_and_false_are_answers() -> None:
    check = CHECK.validate_python({"kind": "expression", "expression": "len(answer)"})
    with pytest.raises(CheckFailed, match="neither True nor False"):
        check.fault("", "a")
    with pytest.raises(CheckFailed, match="longer than"):
        check.fault("", "a" * 200_001)


PIECES = """answer len words lower count min has_any [ ] ( ) , + - * / // % < == in not and or if
    else 'ab' '' 0 7 0.5 1e308 : ['a']"""


@given(st.lists(st.sampled_from(PIECES.split()), max_size=15).map(" ".join), st.text(max_size=20))
def test_no_expression_does_what_python_does_not(expression: str, answer: str) -> None:
    try:
        found = value(expression, answer)
    except (ValueError, Unevaluable):
        return
    assert isinstance(found, str | int | float | list)
