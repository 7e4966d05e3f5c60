"""What the demo shows while it runs."""

import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from ratchet.v1.weights_pb2 import GetProgressResponse

LINE_SECONDS = 15.0


@dataclass(frozen=True)
class Status:
    """The demo at one moment."""

    step: str
    """What the demo is at."""
    seconds: float
    """Since its start."""
    seconds_left: float | None
    """None while it cannot be told."""
    groups_per_second: float
    """Judged and trained on, over the time since training began."""
    marks: int
    """Answers that may be marked, at most."""
    progress: GetProgressResponse = field(default_factory=GetProgressResponse)


class View(Protocol):
    """Where a status goes."""

    def show(self, status: Status) -> None:
        """Called often."""
        ...

    def say(self, line: str) -> None:
        """Something happened."""
        ...


class LiveView:
    """A table that stays in place."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, refresh_per_second=4, transient=True)

    def __enter__(self) -> "LiveView":
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self, status: Status) -> None:
        """Draws the table anew."""
        self._live.update(table_of(status))

    def say(self, line: str) -> None:
        """Prints above the table."""
        self._live.console.print(line)


class LineView:
    """A line now and then: for a terminal that somebody types in, and for files."""

    def __init__(self, console: Console, line_seconds: float = LINE_SECONDS) -> None:
        self._console = console
        self._line_seconds = line_seconds
        self._told_at = 0.0
        self._step = ""

    def __enter__(self) -> "LineView":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        pass

    def show(self, status: Status) -> None:
        """Prints where the step has changed, or the last line is old."""
        now = time.monotonic()
        if status.step == self._step and now < self._told_at + self._line_seconds:
            return
        self._told_at, self._step = now, status.step
        p = status.progress
        self.say(
            f"{clock(status.seconds)} {status.step}; update {p.updates}/{p.updates_wanted}, "
            f"mean score {p.mean_score:.2f}, KL {p.kl:.2f}, judge {p.judge_version}, "
            f"policy {p.policy_version}, {p.marked_answers} answers marked"
        )

    def say(self, line: str) -> None:
        """Prints it."""
        self._console.print(line, highlight=False, soft_wrap=True)


def table_of(status: Status) -> Table:
    """All that is known, as two columns."""
    p = status.progress
    left = "" if status.seconds_left is None else f", about {clock(status.seconds_left)} left"
    agreement = f", agrees with held-out votes {p.judge_agreement:.0%}" if p.judge_agreement else ""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", min_width=14)
    table.add_column()
    table.add_row("demo", f"{status.step} ({clock(status.seconds)}{left})")
    table.add_row("learner", p.stage or "not reachable")
    table.add_row("updates", ProgressBar(max(p.updates_wanted, 1), p.updates, width=40))
    table.add_row("", f"{p.updates} of {p.updates_wanted}, {status.groups_per_second:.2f} groups/s")
    table.add_row("mean score", f"{p.mean_score:.3f} of the standard's weight, by the judge")
    table.add_row("KL", f"{p.kl:.3f} nats a token from the first policy")
    table.add_row("policy served", f"{p.policy_version} (proven: {p.policy_floor_version})")
    table.add_row("judge served", f"{p.judge_version or 'none proven yet'}{agreement}")
    table.add_row("labels used", f"{p.marked_answers} of {status.marks} answers marked")
    table.add_row("graded", f"{p.graded_answers} answers, {p.rollbacks} rollbacks")
    return table


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"
