import pytest
from pydantic import ValidationError
from tests.unit.standard.checks.kinds import ADDS, CHECK

from ratchet.standard.checks import program, python_cases
from ratchet.standard.checks.base import Check, CheckFailed
from ratchet.standard.sandbox.sandbox import SandboxUnavailable


def of(*cases: dict[str, str]) -> Check:
    return CHECK.validate_python({"kind": "python_cases", "cases": cases, "seconds": 1})


THREE = {"call": "add(1, 2)", "gives": "3"}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("import os\nos._exit(0)", "ended before its last call"),
        ("raise SystemExit(0)", "raised SystemExit"),
        ("class E:\n    __eq__ = lambda s, o: True\nadd = lambda a, b: E()", "gives <"),
        ("add = lambda a, b: True", "gives True"),
        ("I cannot help with that.", "SyntaxError"),
        ("", "raises NameError"),
        (f"```\nadd = 3\n```\n```\n{ADDS}\n```", "raises TypeError"),
        ("def add(a, b):\n    while True: pass", "processor time"),
        ("add = lambda a, b: '3' * 20000", "raises ValueError"),
    ],
)
def test_code_that_does_not_do_it_is_told_how(answer: str, told: str) -> None:
    assert told in of(THREE).fault("", answer)


def test_values_are_compared_as_values() -> None:
    answer = "third = lambda: 1 / 3\npair = lambda: {'b': [2], 'a': (1,)}\nboom = lambda: {}['a']"
    check = of(
        {"call": "third()", "gives": "0.3333333333333333"},
        {"call": "third() * 3", "gives": "1"},
        {"call": "0.1 + 0.2", "gives": "0.3"},
        {"call": "pair()", "gives": "{'a': (1,), 'b': [2]}"},
        {"call": "boom()", "raises": "KeyError"},
    )
    assert check.fault("", answer) == ""
    assert "gives True" in of({"call": "yes()", "gives": "1"}).fault("", "yes = lambda: True")


@pytest.mark.parametrize(
    ("gives", "same"),
    [
        ("[0.3, {'a': (0.3,)}]", True),
        ("[0.30001, {'a': (0.3,)}]", False),
        ("[0.3, {'a': (0.30001,)}]", False),
        ("[0.3, {'b': (0.3,)}]", False),
        ("[0.3, {'a': [0.3]}]", False),
        ("[0.3, {'a': (0.3, 0.3)}]", False),
        ("[0.3]", False),
        ("(0.3, {'a': (0.3,)})", False),
    ],
)
def test_numbers_within_are_near_as_they_are_alone(gives: str, same: bool) -> None:
    answer = "f = lambda: [0.1 + 0.2, {'a': (0.1 + 0.2,)}]"
    assert (of({"call": "f()", "gives": gives}).fault("", answer) == "") == same


def test_true_within_is_not_one() -> None:
    assert "gives [True]" in of({"call": "[True]", "gives": "[1]"}).fault("", "")


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ({"call": "add("}, "cases.0.call"),
        ({"call": "add(1)", "gives": "three"}, "cases.0.gives"),
        ({"call": "add(1)"}, "either gives or raises"),
        ({"call": "add(1)", "gives": "3", "raises": "E"}, "either gives or raises"),
    ],
)
def test_a_case_that_cannot_be_met_is_told(case: dict[str, str], told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        of(case)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def check(prompt, answer):\n    return 1 / 0", "raised ZeroDivisionError"),
        ("def check(prompt, answer):\n    return 3", "returned 3"),
        ("def check(prompt, answer):\n    while True: pass", "processor time"),
        ("def check(prompt, answer): pass\n1 / 0", "when it was loaded"),
    ],
)
def test_a_program_that_cannot_tell_blames_no_answer(code: str, told: str) -> None:
    check = CHECK.validate_python({"kind": "program", "code": code, "seconds": 1})
    with pytest.raises(CheckFailed, match=told):
        check.fault("", "")


def test_where_nothing_can_be_run_both_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_: object) -> None:
        raise SandboxUnavailable("programs cannot be run here: no Landlock")

    code = "def check(prompt, answer): return True"
    for module, check in (
        (python_cases, of(THREE)),
        (program, CHECK.validate_python({"kind": "program", "code": code})),
    ):
        monkeypatch.setattr(module, "run", unavailable)
        with pytest.raises(CheckFailed, match="no Landlock"):
            check.fault("", ADDS)
