"""What a race found, for the eye."""

import os

from rich import box
from rich.markup import escape
from rich.table import Table

from ratchet.judge.tuning.race import Result, Results, winner
from ratchet.judge.tuning.workload import KINDS, Kind
from ratchet.process.hardware import cuda_available, processor

HEADINGS: dict[Kind, str] = {"single": "one answer, tokens/s", "group": "several, tokens/s"}


def result_table(name: str, results: Results) -> Table:
    """A row for each engine: its rates, or why it is out."""
    runs = max(len(result.laps) for result in results.values())
    table = Table(
        title=f"judges.{escape(name)}: medians of {runs} runs",
        caption=_machine(),
        box=box.SIMPLE_HEAD,
    )
    table.add_column("engine")
    for kind in KINDS:
        table.add_column(HEADINGS[kind], justify="right")
    table.add_column("seconds a run", justify="right")
    table.add_column("")
    fastest = winner(results)
    for engine, result in results.items():
        verdict = "faster" if engine == fastest else escape(result.reason)
        table.add_row(engine, *_cells(result), verdict)
    return table


def _cells(result: Result) -> list[str]:
    if result.reason or not result.laps:
        return [""] * (len(KINDS) + 1)
    rates = [f"{result.rate(kind):.0f}" if kind in result.laps[0].tokens else "" for kind in KINDS]
    return [*rates, f"{result.seconds:.2f}"]


def _machine() -> str:
    if cuda_available():
        import torch

        return torch.cuda.get_device_name(0)
    return f"{processor()}, {len(os.sched_getaffinity(0))} cores"
