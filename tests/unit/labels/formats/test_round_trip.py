"""What each form can hold comes back from it."""

import json

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.labels.labels import preferences, said, said_in_order

from ratchet.jsonl.rows import Row
from ratchet.labels.formats.format import Format
from ratchet.labels.formats.named import FORMATS, format_named, recognized
from ratchet.v1.preference_pb2 import Preference


def back(form: Format, *preferences: Preference) -> list[Preference]:
    """Through JSON, as a file would have it."""
    found: list[Preference] = []
    for number, fields in enumerate(form.rows(preferences), start=1):
        for label in form.read(Row(number, json.loads(json.dumps(fields)))):
            assert isinstance(label, Preference), label
            found.append(label)
    return found


@given(preferences())
def test_our_own_form_loses_nothing(preference: Preference) -> None:
    assert back(format_named("ratchet", {}), preference) == [preference]


@given(preferences(ties=False))
def test_trls_form_keeps_who_won(preference: Preference) -> None:
    [found] = back(format_named("trl", {}), preference)
    assert said(found) == said(preference)


@given(preferences(ties=False))
def test_rewardbenchs_form_also_keeps_a_subset(preference: Preference) -> None:
    [found] = back(format_named("rewardbench", {}), preference)
    assert said(found) == said(preference)
    assert found.comparison.subset == (preference.comparison.subset or "random")


@given(preferences())
def test_label_studio_keeps_sides_ties_marks_and_seconds(preference: Preference) -> None:
    [found] = back(format_named("label-studio", {}), preference)
    assert said_in_order(found) == said_in_order(preference)
    assert found.seconds == preference.seconds


@given(preferences())
def test_argilla_keeps_sides_ties_and_marks(preference: Preference) -> None:
    [found] = back(format_named("argilla", {}), preference)
    assert said_in_order(found) == said_in_order(preference)


@given(preferences(), st.sampled_from(["label-studio", "argilla"]))
def test_nothing_broken_is_chosen_for_the_tools_keep_no_empty_choice(
    preference: Preference, name: str
) -> None:
    preference.marks_a.ClearField("broken_criterion_ids")
    preference.marks_a.SetInParent()
    [row] = format_named(name, {}).rows([preference])
    assert '["nothing broken"]' in json.dumps(row)


@given(preferences(), st.sampled_from(["label-studio", "argilla"]))
def test_labelers_of_one_pair_share_its_row(first: Preference, name: str) -> None:
    second = Preference()
    second.CopyFrom(first)
    second.labeler += "2"
    second.vote = first.vote % 4 + 1  # pyright: ignore[reportAttributeAccessIssue]
    names = {"prompt": "q", "answer_a": "left one", "answer_b": "z", "question": "better"}
    form = format_named(name, names)
    assert len(list(form.rows([first, second]))) == 1
    assert [said_in_order(each) for each in back(form, first, second)] == [
        said_in_order(first),
        said_in_order(second),
    ]


@given(preferences(ties=False), st.sampled_from(sorted(FORMATS)))
def test_every_form_is_recognized(preference: Preference, name: str) -> None:
    [row] = format_named(name, {}).rows([preference])
    assert recognized(row) == name
