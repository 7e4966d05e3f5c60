"""What a run found: JSON lines, the run first and then its steps."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from load_tests.histogram import Histogram
from load_tests.schedule import Step
from load_tests.tally import Tally

PERCENTILES = (50.0, 90.0, 99.0, 99.9)
LATENESS_SHARE = 0.1
"""A step in which a call was sent later than this share of the SLO is not to be trusted."""


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RunInfo(_Line):
    """What was asked."""

    name: str
    started: str
    """UTC, ISO 8601."""
    target: str
    call: str
    """Such as "Score of judge short, texts"."""
    schedule: str
    trace: str
    seed: int
    """Of the calls' words or token ids."""
    poisson: int | None
    """Seed of the gaps; null: evenly spaced."""
    processes: int
    slo_ms: float
    deadline_s: float
    machine: dict[str, Any]
    """The generator's; the target's, too, where both run on one."""
    commit: str


class StepResult(_Line):
    """One step; latencies in ms from the scheduled send, of accepted calls alone."""

    first_rate: float
    last_rate: float
    seconds: float
    calls: int
    """All that were due, and so sent."""
    offered: float
    """Calls per second."""
    good: int
    """Accepted and answered within the SLO."""
    goodput: float
    """Good calls per second."""
    codes: dict[str, int]
    latency_ms: dict[str, float | None]
    """By percentile, "50" to "99.9", and "100"; null where no call was accepted."""
    lateness_ms: dict[str, float | None]
    """From the scheduled send to the real one, of all calls: the generator's own."""
    trusted: bool
    histogram: str
    """The accepted calls' latencies in microseconds, as HdrHistogram encodes them."""

    @property
    def errors(self) -> int:
        """Calls that were not accepted."""
        return self.calls - self.codes.get("OK", 0)


class RunResult(_Line):
    """A run with its steps."""

    info: RunInfo
    steps: list[StepResult]

    def write(self, path: Path) -> None:
        """Writes the lines; what was there is gone."""
        lines = [self.info, *self.steps]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(line.model_dump_json() + "\n" for line in lines), encoding="utf-8")


def step_result(step: Step, tally: Tally, slo: float) -> StepResult:
    """The figures of a step; `slo` in seconds."""
    calls = tally.codes.total()
    worst = tally.lateness.percentile(100)
    return StepResult(
        first_rate=step.first_rate,
        last_rate=step.last_rate,
        seconds=step.seconds,
        calls=calls,
        offered=calls / step.seconds,
        good=tally.good,
        goodput=tally.good / step.seconds,
        codes=dict(sorted(tally.codes.items())),
        latency_ms=_milliseconds(tally.accepted),
        lateness_ms=_milliseconds(tally.lateness),
        trusted=worst is not None and worst <= LATENESS_SHARE * slo,
        histogram=tally.accepted.encode(),
    )


def read_result(path: Path) -> RunResult:
    """What `write` wrote.

    Raises:
        OSError: the file cannot be read.
        ValueError: a line is not as it must be; the message names it.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    if len(lines) < 2:
        raise ValueError(f"{path}: a run has a line of its own, and one for each step")
    info, *steps = [_parsed(path, i, line) for i, line in enumerate(lines)]
    return RunResult.model_construct(info=info, steps=steps)


def _parsed(path: Path, index: int, line: str) -> RunInfo | StepResult:
    model = StepResult if index else RunInfo
    try:
        return model.model_validate(json.loads(line))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise ValueError(f"{path}:{index + 1}: {field}: {first['msg']}") from None
    except ValueError as error:
        raise ValueError(f"{path}:{index + 1}: is no JSON: {error}") from None


def _milliseconds(histogram: Histogram) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for percent in (*PERCENTILES, 100.0):
        seconds = histogram.percentile(percent)
        found[f"{percent:g}"] = None if seconds is None else round(1000 * seconds, 3)
    return found


def head() -> str:
    """Above the rows, for a terminal; all times in ms."""
    cells = "".join(f"{f'p{percent:g}':>9}" for percent in PERCENTILES)
    return f"{'offered/s':>10}{'goodput/s':>10}{cells}{'late':>8}  codes"


def row(step: StepResult) -> str:
    """A step's line below the head."""
    cells = "".join(f"{_cell(step.latency_ms[f'{p:g}']):>9}" for p in PERCENTILES)
    codes = ", ".join(f"{code} {count}" for code, count in step.codes.items())
    warning = "" if step.trusted else "  NOT TO BE TRUSTED: the generator was late"
    late = _cell(step.lateness_ms["100"])
    return f"{step.offered:>10.1f}{step.goodput:>10.1f}{cells}{late:>8}  {codes}{warning}"


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
