"""What is typed becomes a standard, and a standard what is typed, without a loss."""

import re

from hypothesis import assume, given
from hypothesis import strategies as st

from ratchet.demo.shop_standard import shop_standard
from ratchet.feedback.page.check_draft import CheckDraft
from ratchet.feedback.page.check_kinds import CHECK_KINDS
from ratchet.feedback.page.standard_draft import RuleDraft, StandardDraft
from ratchet.feedback.page.standard_text import MOST_LINES, changes
from ratchet.standard.checks.any_check import StandardCheck
from ratchet.standard.validation import standard_faults, validate_standard
from ratchet.v1.check_pb2 import Check
from ratchet.v1.standard_pb2 import Criterion, Standard

NAMES = st.from_regex(
    r"criteria\[[0-9]{1,3}\]\.(sentence|weight|check|check\.\w+\.\w+)", fullmatch=True
)
CHECKS = [
    Check(length=Check.Length(min_words=0, max_sentences=3)),
    Check(must_contain=Check.MustContain(phrases=["a b", "é"], all=True)),
    Check(must_not_contain=Check.MustNotContain(phrases=["A"], case_sensitive=True)),
    Check(regex=Check.Regex(pattern="  two$ ", absent=True)),
    Check(finished=Check.Finished()),
    Check(valid_json=Check.ValidJson()),
    Check(json_schema=Check.JsonSchema(schema='{\n  "type": "object"\n}\n')),
    Check(names_something_of_the_prompt=Check.NamesSomethingOfThePrompt(min_letters=3)),
    Check(not_repeating=Check.NotRepeating(max_share=1 / 3)),
    Check(expression=Check.Expression(expression="len(answer) > 1")),
    Check(
        python_cases=Check.PythonCases(
            cases=[
                Check.PythonCases.Case(call="f(' => ')", gives="'raises x'"),
                Check.PythonCases.Case(call="f(None)", raises="TypeError"),
            ],
            seconds=0.5,
            memory_mb=128,
        )
    ),
    Check(program=Check.Program(code="\ndef check(prompt, answer):\n\treturn True\n", seconds=3)),
]


def of_checks() -> Standard:
    standard = Standard(standard_id="all-kinds", version=4, title="All kinds")
    for number, check in enumerate(CHECKS):
        name = f"c{number}"
        standard.criteria.add(criterion_id=name, sentence=f"{name}.", weight=1 / 7, check=check)
    validate_standard(standard)
    return standard


def test_every_kind_of_check_can_be_typed_and_comes_back_as_it_was() -> None:
    standard = of_checks()
    assert {each.check.WhichOneof("kind") for each in standard.criteria} == set(CHECK_KINDS)
    found, faults = StandardDraft.of(standard, 4).standard()
    found.version = 4
    assert faults == {}
    assert found == standard


TEXTS = st.text(
    st.sampled_from("ab \"\\'=>{}[]#,\n\r\t\x85\u2028") | st.characters(codec="utf-8"), min_size=1
).filter(lambda text: "\x00" not in text)
CALLS = st.sampled_from(
    [
        "f()",
        "f(1,\n  2)",
        "f(' => ')",
        "{'a': 1}['a']",
        "f() # => 1",
        '"a".upper()',
        "f(' raises E')",
    ]
) | TEXTS.map(lambda text: f"f({text!r})")
CASES = st.builds(
    Check.PythonCases.Case,
    call=CALLS,
    gives=st.sampled_from(["'a => b'", "[1,\n 2]", "' raises x'", "1 # => 2"]) | TEXTS.map(repr),
) | st.builds(Check.PythonCases.Case, call=CALLS, raises=st.sampled_from(["E", "raises"]))
PHRASES = st.lists(TEXTS, min_size=1, max_size=4)
ANY_CHECK = (
    st.builds(lambda phrases: Check(must_contain=Check.MustContain(phrases=phrases)), PHRASES)
    | st.builds(
        lambda phrases: Check(must_not_contain=Check.MustNotContain(phrases=phrases)), PHRASES
    )
    | st.builds(
        lambda text: Check(regex=Check.Regex(pattern=text)), TEXTS.map(re.escape) | st.just("a\n")
    )
    | st.builds(
        lambda text: Check(expression=Check.Expression(expression=f"\n answer == {text!r}\n")),
        TEXTS,
    )
    | st.builds(
        lambda cases: Check(python_cases=Check.PythonCases(cases=cases)),
        st.lists(CASES, min_size=1, max_size=4),
    )
    | st.builds(
        lambda text: Check(
            program=Check.Program(code=f"\n\ndef check(prompt, answer):\n    return {text!r}\n")
        ),
        TEXTS,
    )
)


@given(st.lists(ANY_CHECK, min_size=1, max_size=3))
def test_whatever_was_stored_comes_back_as_it_was(checks: list[Check]) -> None:
    standard = Standard(standard_id="any", title="Any")
    for number, check in enumerate(checks):
        standard.criteria.add(criterion_id=f"c{number}", sentence="S.", weight=1, check=check)
    assume(not list(standard_faults(standard)))
    found, faults = StandardDraft.of(standard, 1).standard()
    assert faults == {}
    assert found == standard


def test_most_is_typed_as_it_is_and_only_what_a_line_cannot_hold_as_json() -> None:
    phrases = ["C:\\temp", 'say "a"', " a", "a\nb", '"a"', '"a" or "b"']
    draft = CheckDraft.of(Check(must_contain=Check.MustContain(phrases=phrases)))
    assert draft.typed["must_contain.phrases"].split("\n") == [
        "C:\\temp",
        'say "a"',
        '" a"',
        '"a\\nb"',
        '"\\"a\\""',
        '"a" or "b"',
    ]
    two_lines = Check.PythonCases.Case(call="f(1,\n2)", gives="3")
    draft = CheckDraft.of(Check(python_cases=Check.PythonCases(cases=[two_lines])))
    assert draft.typed["python_cases.cases"] == '{"call": "f(1,\\n2)", "gives": "3"}'


def test_every_field_of_every_kind_has_a_place_on_the_page() -> None:
    kinds = {
        kind.model_fields["kind"].annotation.__args__[0]: kind for kind in StandardCheck.__args__
    }
    assert set(kinds) == set(CHECK_KINDS)
    for name, kind in kinds.items():
        fields = {field.alias or known for known, field in kind.model_fields.items()} - {"kind"}
        assert {field.name for field in CHECK_KINDS[name].fields} == fields


@given(st.dictionaries(NAMES | st.text(max_size=9), st.text(max_size=30), max_size=12))
def test_whatever_a_form_sends_there_is_either_a_standard_or_a_fault(
    fields: dict[str, str],
) -> None:
    draft = StandardDraft.read(fields)
    draft.name_all()
    standard, faults = draft.standard()
    if faults:
        assert all(re.fullmatch(r"[^\n]*[.]", words) for words in faults.values())
    else:
        validate_standard(standard)


def test_names_are_made_of_sentences_and_never_twice() -> None:
    rules = [
        RuleDraft("", "The answer says hello to the customer."),
        RuleDraft("says_hello_to_the", "X."),
        RuleDraft("", "The answer says hello to the world."),
        RuleDraft("old__name_", "Y."),
        RuleDraft("Très bien!", "Z."),
        RuleDraft("", "日本"),
    ]
    draft = StandardDraft("", "", rules)
    draft.name_all()
    assert [rule.criterion_id for rule in draft.rules] == [
        "says_hello_to_the_2",
        "says_hello_to_the",
        "says_hello_to_the_3",
        "old__name_",
        "tres_bien",
        "rule_6",
    ]
    _, faults = draft.standard()
    assert faults == {"standard_id": "This is empty."}


def test_what_changed_is_told_line_by_line() -> None:
    before, after = shop_standard(), shop_standard()
    after.criteria[1].weight = 4
    after.criteria[5].check.CopyFrom(CHECKS[1])
    del after.criteria[9]
    after.criteria.append(Criterion(criterion_id="warm", sentence="It is warm.", weight=1))
    told = [(line.sign, line.text.strip()) for line in changes(before, after)]
    problem = "The answer names the problem that the customer wrote about. [names_problem, "
    assert ("out", f"{problem}matters (2)]") in told
    assert ("in", f"{problem}matters most (4)]") in told
    assert ("in", "Checked: It says certain phrases") in told
    assert ("in", "Phrases: a b, é") in told
    assert ("in", "It is warm. [warm, nice to have (1)]") in told
    assert [sign for sign, text in told if "lists" in text] == ["out"]
    assert changes(before, before) == []


def test_long_programs_are_compared_rule_by_rule() -> None:
    """Line by line, such may take half a minute."""
    program = "def check(prompt, answer):\n" + "    a = 1\n    b = 2\n" * 900
    before, after = shop_standard(), shop_standard()
    for number in range(4):
        before.criteria[number].check.program.code = f"{program}    return {number}\n"
        after.criteria[number].check.CopyFrom(before.criteria[number].check)
    after.criteria[2].check.program.code = f"{program}    return 7\n"
    after.criteria[9].weight = 4
    told = changes(before, after)
    assert len(told) > MOST_LINES
    text = [(line.sign, line.text.strip()) for line in told]
    assert ("out", "return 2") in text
    assert ("in", "return 7") in text
    assert [sign for sign, words in text if words == "return 3"] == []
    assert [line.sign for line in told].count("gap") == 1
    assert {line.sign for line in told} == {"out", "in", "gap"}
    assert changes(after, after) == []
