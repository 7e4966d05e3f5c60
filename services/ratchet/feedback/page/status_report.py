"""How a standard stands, in the words of the status page."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ratchet.autonomy.likeness import Likeness
from ratchet.feedback.history import SHORT_TERM_SECONDS, History, LabelNote
from ratchet.feedback.page.help_report import HelpRow, help_rows
from ratchet.feedback.page.plot import Plot, Point, Words, plot, wilson
from ratchet.feedback.page.verdict import Verdict, verdict_on
from ratchet.v1.standard_pb2 import Standard
from ratchet.v1.weights_pb2 import (
    ROLE_JUDGE,
    ROLE_POLICY,
    VERSION_STATUS_CANDIDATE,
    VERSION_STATUS_REJECTED,
    VERSION_STATUS_ROLLED_BACK,
    VERSION_STATUS_SERVING,
    GateFigure,
    Manifest,
    Role,
)

WINDOW = 50
"""Labels that one point of the agreement's curve looks back on."""
FEWEST = 10
"""Labels before there is a point at all."""
COMPARED_ANSWERS = 100
"""Marked answers at first, and now, whose broken rules are compared; half of all if fewer."""
SHOWN_VERSIONS = 10

STATUS = {
    VERSION_STATUS_CANDIDATE: "not proven yet",
    VERSION_STATUS_SERVING: "was in use",
    VERSION_STATUS_REJECTED: "turned down",
    VERSION_STATUS_ROLLED_BACK: "taken back",
}
IN_USE = "in use"


@dataclass(frozen=True)
class Tile:
    """One number."""

    value: str
    label: str


@dataclass(frozen=True)
class RuleRow:
    """How often a rule was marked as broken, at the beginning and now, as shares."""

    sentence: str
    before: float
    now: float


@dataclass(frozen=True)
class VersionRow:
    """One version with its gate's report."""

    number: int
    name: str
    when: str
    status: str
    reason: str
    figures: Sequence[GateFigure]


@dataclass(frozen=True)
class StatusReport:
    """All of the page."""

    verdict: Verdict
    tiles: Sequence[Tile]
    plots: Sequence[Plot]
    rules: Sequence[RuleRow]
    compared: int
    """answers at each end that the rules were counted on"""
    help: Sequence[HelpRow]
    judges: Sequence[VersionRow]
    policies: Sequence[VersionRow]


def status_report(
    history: History, standard: Standard, *, waiting: int, marks_wanted: int, now: float
) -> StatusReport:
    """As of `now` (Unix time, seconds).

    `waiting`: pairs that nobody has labeled; `marks_wanted`: answers, before the first judge.
    """
    labels = [note for note in history.labels(standard.standard_id) if not note.imported]
    marked = [marks for note in labels for marks in note.marks]
    compared = min(COMPARED_ANSWERS, len(marked) // 2)
    return StatusReport(
        verdict=verdict_on(history, standard.standard_id, marks_wanted),
        tiles=list(
            _tiles(
                labels,
                graded=history.graded(standard.standard_id, now - SHORT_TERM_SECONDS),
                waiting=waiting,
                since=now - SHORT_TERM_SECONDS,
                alike=history.likeness(standard.standard_id),
            )
        ),
        plots=[
            _agreement_plot(history.agreement(standard.standard_id)),
            _score_plot(history, standard.standard_id),
        ],
        rules=_rules(standard, marked, compared),
        compared=compared,
        help=help_rows(labels),
        judges=_versions(history, standard.standard_id, ROLE_JUDGE, "Judge"),
        policies=_versions(history, standard.standard_id, ROLE_POLICY, "Policy"),
    )


def _tiles(
    labels: Sequence[LabelNote],
    *,
    graded: int,
    waiting: int,
    since: float,
    alike: Likeness | None,
) -> Iterator[Tile]:
    lately = sum(note.at >= since for note in labels)
    yield Tile(f"{len(labels):,}", "pairs labeled")
    yield Tile(f"{len({note.labeler for note in labels}):,}", "people who labeled")
    yield Tile(f"{waiting:,}", "pairs that wait for people")
    yield Tile(f"{graded:,}", "answers graded by the judge in the last 7 days")
    if graded:
        yield Tile(f"{1000 * lately / graded:,.0f}", "labels per 1,000 of these answers")
    if alike:
        yield Tile(f"{alike.overlap:.0%}", "in common to new answers to different prompts")


def _agreement_plot(outcomes: Sequence[float]) -> Plot:
    points: list[Point] = []
    for end in range(FEWEST, len(outcomes) + 1):
        window = outcomes[max(0, end - WINDOW) : end]
        low, high = wilson(sum(window), len(window))
        points.append(Point(end, sum(window) / len(window), low, high))
    last = points[-1] if points else None
    return plot(
        points,
        Words(
            title="How often the judge agrees with people",
            x_label=f"labels drawn by lot; each point looks back on {WINDOW} at most",
            empty=f"There is a curve once {FEWEST} pairs drawn by lot were graded and labeled; "
            f"{len(outcomes)} are so far.",
            says=f"On the newest {min(WINDOW, len(outcomes))} labels it agrees with "
            f"{last.value:.0%}; between {last.low:.0%} and {last.high:.0%} is likely."
            if last
            else "",
        ),
    )


def _score_plot(history: History, standard_id: str) -> Plot:
    scores = history.scores(standard_id)
    points = [
        Point(version, seen.mean, seen.mean, seen.mean)
        for version, seen in scores.items()
        if 0 <= seen.mean <= 1
    ]
    says = ""
    if points:
        says = (
            f"From {points[0].value:.0%} of the standard's weight to {points[-1].value:.0%}. "
            "This is the judge's own opinion: people's agreement tells what it is worth."
        )
    return plot(
        points,
        Words(
            title="What the judge thinks of the answers",
            x_label="version of the policy",
            empty="No answer has been graded yet.",
            says=says,
        ),
    )


def _rules(
    standard: Standard, marked: Sequence[frozenset[str]], compared: int
) -> Sequence[RuleRow]:
    if compared < FEWEST:
        return []
    before, now = marked[:compared], marked[-compared:]
    return [
        RuleRow(
            criterion.sentence,
            sum(criterion.criterion_id in marks for marks in before) / compared,
            sum(criterion.criterion_id in marks for marks in now) / compared,
        )
        for criterion in standard.criteria
    ]


def _versions(history: History, standard_id: str, role: Role, name: str) -> Sequence[VersionRow]:
    """The newest first."""
    in_force = history.in_force(role, standard_id)
    return [
        VersionRow(
            manifest.version,
            f"{name} {manifest.version}",
            _when(manifest),
            IN_USE if manifest is in_force else STATUS.get(manifest.status, ""),
            manifest.gate_report.reason,
            manifest.gate_report.figures,
        )
        for manifest in history.versions(role, standard_id)[:SHOWN_VERSIONS]
    ]


def _when(manifest: Manifest) -> str:
    made = datetime.datetime.fromtimestamp(manifest.created_at, datetime.UTC)
    return f"{made:%Y-%m-%d %H:%M} UTC"
