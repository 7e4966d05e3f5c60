"""The report: one HTML page that needs no network and no other file."""

from collections.abc import Sequence
from importlib.resources import files

import jinja2

from load_tests import pictures
from load_tests.knee import DEFINITION, find_knee, holds
from load_tests.result import LATENESS_SHARE, PERCENTILES, RunResult


def report(runs: Sequence[RunResult]) -> str:
    """The page's text; of several runs they are compared first.

    Raises:
        ValueError: there is no run, or two have one name.
    """
    names = [run.info.name for run in runs]
    if not runs or len(set(names)) < len(names):
        raise ValueError(f"names: {', '.join(names) or 'none'}; each run needs one of its own")
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["ms"] = _milliseconds
    template = environment.from_string((files("load_tests") / "report.html").read_text("utf-8"))
    return template.render(
        runs=[
            {
                "info": run.info,
                "steps": run.steps,
                "knee": find_knee(run.steps, run.info.slo_ms),
                "holds": [holds(step, run.info.slo_ms) for step in run.steps],
                "latency": pictures.latency(run),
                "errors": pictures.errors(run),
                "distribution": pictures.distribution(run),
            }
            for run in runs
        ],
        goodput=pictures.goodput(runs),
        comparison=pictures.comparison(runs) if len(runs) > 1 else None,
        percentiles=[f"{percent:g}" for percent in (*PERCENTILES, 100)],
        definition=DEFINITION,
        lateness_share=LATENESS_SHARE,
    )


def _milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
