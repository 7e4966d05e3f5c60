"""What the status page says of labels with help and without."""

from tests.unit.feedback.happenings import NOW, STANDARD, label

from ratchet.feedback.history import History
from ratchet.feedback.page.help_report import help_rows


def history_of(*labels: tuple[str, str, bool, tuple[list[str], list[str]]]) -> History:
    """Name of the group, labeler, whether with help, and what of both answers is broken."""
    history = History()
    for name, labeler, assisted, broken in labels:
        preference = label(name, labeler=labeler, broken=broken)
        preference.submission_id = f"{name}/{labeler}"
        preference.assisted = assisted
        history.add_label(preference, NOW)
    return history


def test_before_any_help_there_is_nothing_to_compare() -> None:
    assert help_rows(history_of(("g", "Ann", False, (["short"], []))).labels(STANDARD)) == []


def test_labels_are_compared_since_help_began() -> None:
    history = history_of(
        ("before", "Ann", False, (["short", "polite"], ["short", "polite"])),
        ("helped", "Ann", True, (["short", "polite"], ["short"])),
        ("alone", "Ann", False, (["short"], [])),
    )
    helped, alone = help_rows(history.labels(STANDARD))
    assert (helped.name, helped.labels, helped.marks_per_answer) == ("With help", 1, 1.5)
    assert (alone.labels, alone.marks_per_answer) == (1, 0.5)
    assert helped.same_marks is None


def test_two_readers_of_enough_answers_tell_how_much_they_share() -> None:
    pairs = [f"g{number}" for number in range(5)]
    history = history_of(
        *((name, "Ann", True, (["short", "polite"], [])) for name in pairs),
        *((name, "Bob", True, (["short"], ["polite"])) for name in pairs),
        *((name, "Ann", False, ([], [])) for name in ("a", "b")),
    )
    helped, alone = help_rows(history.labels(STANDARD))
    assert helped.same_marks == 0.5  # 1 of 4 marks is made by both, and counts for two
    assert alone.same_marks is None


def test_labels_with_help_are_no_fair_sign_of_how_the_judge_does() -> None:
    history = history_of(("g", "Ann", True, ([], [])), ("h", "Ann", False, ([], [])))
    assert [note.at_random for note in history.labels(STANDARD)] == [False, True]
