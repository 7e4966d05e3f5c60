import io

import pytest
from rich.console import Console

from ratchet.demo.console_labeler import LabelerLeft, ask_label, parse_marks, show
from ratchet.demo.shop_standard import shop_standard
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.feedback_service_pb2 import NextComparisonResponse
from ratchet.v1.preference_pb2 import VOTE_B, VOTE_TIE, Comparison
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import Completion


def say(*lines: str):
    console = Console(file=io.StringIO())
    said = iter(lines)
    return ask_label(shop_standard(), console, lambda question: next(said))


def test_a_vote_and_the_numbers_of_broken_criteria() -> None:
    label = say("2", "1, 3", "", "")
    assert label.vote == VOTE_B
    assert list(label.marks_a.broken_criterion_ids) == ["names_product", "asks_order_number"]
    assert list(label.marks_b.broken_criterion_ids) == []


def test_undo_goes_back_a_step_and_what_is_no_choice_is_asked_again() -> None:
    label = say("u", "9", "2", "1", "99", "u", "u", "=", "2", "5 5", "u", "7", "")
    assert label.vote == VOTE_TIE
    assert list(label.marks_a.broken_criterion_ids) == ["names_problem"]
    assert list(label.marks_b.broken_criterion_ids) == ["short"]


def test_the_last_chance_to_undo_is_before_sending() -> None:
    label = say("1", "", "", "u", "2", "")
    assert list(label.marks_b.broken_criterion_ids) == ["names_problem"]


@pytest.mark.parametrize("lines", [["q"], ["1", "q"], ["1", "", "", "q"]])
def test_quitting_sends_nothing(lines: list[str]) -> None:
    with pytest.raises(LabelerLeft):
        say(*lines)


def test_a_number_that_the_standard_does_not_have() -> None:
    for text in ("0", "11", "-1", "short"):
        with pytest.raises(LookupError):
            parse_marks(text, shop_standard())


def test_a_models_words_cannot_drive_the_terminal() -> None:
    file = io.StringIO()
    offer = NextComparisonResponse(
        comparison=Comparison(
            prompt=Prompt(messages=[Message(role="user", content="My [bold]kettle[/] broke.")]),
            answer_a=Completion(text="\x1b[2JSorry."),
            answer_b=Completion(text="[/nothing] Hello."),
        ),
        standard=shop_standard(),
    )
    show(offer, Console(file=file, width=100))
    shown = file.getvalue()
    assert "\x1b" not in shown
    assert "[bold]kettle[/]" in shown and "[/nothing] Hello." in shown
    assert "asks for the order number" in shown
