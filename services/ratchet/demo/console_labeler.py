"""`ratchet label`: the user compares answers in the terminal."""

import argparse
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import grpc
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ratchet.demo.shop_standard import STANDARD_ID
from ratchet.v1.feedback_service_pb2 import (
    NextComparisonRequest,
    NextComparisonResponse,
    SubmitPreferenceRequest,
)
from ratchet.v1.feedback_service_pb2_grpc import FeedbackServiceStub
from ratchet.v1.preference_pb2 import VOTE_A, VOTE_B, VOTE_BOTH_BAD, VOTE_TIE, Marks, Vote
from ratchet.v1.standard_pb2 import Standard

VOTES: dict[str, Vote] = {"1": VOTE_A, "2": VOTE_B, "=": VOTE_TIE, "0": VOTE_BOTH_BAD}
UNDO, QUIT = "u", "q"

_NOT_NOW = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
WAIT_SECONDS = 2.0
RPC_SECONDS = 20.0

Ask = Callable[[str], str]


class LabelerLeft(Exception):
    """The user wants to stop."""


@dataclass(frozen=True)
class Label:
    """What the user said of one comparison."""

    vote: Vote
    marks_a: Marks
    marks_b: Marks


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ratchet label`."""
    parser.add_argument("--feedback", default="127.0.0.1:50054", metavar="HOST:PORT")
    parser.add_argument("--standard", default=STANDARD_ID, help="id of the standard to label by")
    parser.add_argument("--labeler", default="console", help="your name, kept with every label")


def command(args: argparse.Namespace) -> int:
    """Offers comparisons until the user quits."""
    console = Console()
    with grpc.insecure_channel(args.feedback) as channel:
        try:
            label(FeedbackServiceStub(channel), args.standard, args.labeler, console, console.input)
        except (LabelerLeft, KeyboardInterrupt, EOFError):
            console.print("\nGood-bye. Everything that was sent is kept.")
        except grpc.RpcError as error:
            console.print(f"[red]{error.code().name}[/]: {error.details()}", soft_wrap=True)
            return 1
    return 0


def label(
    feedback: FeedbackServiceStub, standard_id: str, labeler: str, console: Console, ask: Ask
) -> None:
    """Labels one comparison after the other; raises LabelerLeft when the user quits."""
    while True:
        offer = _next_comparison(feedback, standard_id, labeler, console)
        began = time.monotonic()
        show(offer, console)
        said = ask_label(offer.standard, console, ask)
        marked_answers = _send(
            feedback,
            SubmitPreferenceRequest(
                pair_id=offer.comparison.pair_id,
                submission_id=uuid.uuid4().hex,
                labeler=labeler,
                vote=said.vote,
                marks_a=said.marks_a,
                marks_b=said.marks_b,
                seconds=time.monotonic() - began,
            ),
            console,
        )
        console.print(f"[green]Kept.[/] {marked_answers} answers are marked.")


def show(offer: NextComparisonResponse, console: Console) -> None:
    """Prints the prompt, both answers and the numbered criteria."""
    comparison = offer.comparison
    console.rule("What the customer wrote")
    console.print(_plain(comparison.prompt.messages[-1].content))
    console.print(Panel(_plain(comparison.answer_a.text), title="answer 1"))
    console.print(Panel(_plain(comparison.answer_b.text), title="answer 2"))
    table = Table("", "the standard", box=None)
    for number, criterion in enumerate(offer.standard.criteria, start=1):
        table.add_row(str(number), _plain(criterion.sentence))
    console.print(table)


def ask_label(standard: Standard, console: Console, ask: Ask) -> Label:
    """Asks for the vote and the marks. "u" goes back a step, until the label is sent."""
    broken = "what does answer {} break? (numbers, or nothing) "
    vote: Vote = VOTE_TIE
    marks = [Marks(), Marks()]
    step = 0
    while step < 4:
        questions = ("better: 1, 2, = or 0 (both bad)? ", broken.format(1), broken.format(2))
        text = ask((*questions, "Enter sends, u undoes, q quits ")[step]).strip().lower()
        if text == QUIT:
            raise LabelerLeft
        if text == UNDO:
            step = max(step - 1, 0)
            continue
        try:
            if step == 0:
                vote = VOTES[text]
            elif step < 3:
                marks[step - 1] = parse_marks(text, standard)
        except LookupError:
            console.print("[yellow]That is none of the choices.[/]")
            continue
        step += 1
    return Label(vote, marks[0], marks[1])


def parse_marks(text: str, standard: Standard) -> Marks:
    """Criterion numbers such as "1 3,7"; raises LookupError for one that the standard has not."""
    names = {str(i): c.criterion_id for i, c in enumerate(standard.criteria, start=1)}
    numbers = dict.fromkeys(text.replace(",", " ").split())
    return Marks(broken_criterion_ids=[names[number] for number in numbers])


def _next_comparison(
    feedback: FeedbackServiceStub, standard_id: str, labeler: str, console: Console
) -> NextComparisonResponse:
    request = NextComparisonRequest(standard_id=standard_id, labeler=labeler)
    with console.status("waiting for a comparison (Ctrl-C quits)") as status:
        while True:
            try:
                return feedback.NextComparison(request, timeout=RPC_SECONDS)
            except grpc.RpcError as error:
                if error.code() not in (*_NOT_NOW, grpc.StatusCode.NOT_FOUND):
                    raise
                status.update(_plain(f"waiting: {error.details()} (Ctrl-C quits)"))
            time.sleep(WAIT_SECONDS)


def _send(
    feedback: FeedbackServiceStub, submission: SubmitPreferenceRequest, console: Console
) -> int:
    """Sends until it is accepted; the submission id makes that safe."""
    while True:
        try:
            return feedback.SubmitPreference(submission, timeout=RPC_SECONDS).marked_answers
        except grpc.RpcError as error:
            if error.code() not in _NOT_NOW:
                raise
            console.print("[yellow]The service cannot be reached; trying again.[/]")
        time.sleep(WAIT_SECONDS)


def _plain(text: str) -> Text:
    """A model's words, with nothing in them that a terminal would obey."""
    return Text(
        "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
    )
