"""`python -m load_tests`: run, report, trace."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from load_tests.arguments import call_name, parser, phases_of, schedule_name, settings_of
from load_tests.knee import find_knee
from load_tests.report import report
from load_tests.result import RunInfo, RunResult, StepResult, head, read_result, row
from load_tests.run import Generator, run
from load_tests.schedule import Step
from load_tests.target import NotReady
from load_tests.trace import made_up


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command: 1 where no call was good, 2 where a setting or the target is wrong."""
    a = parser().parse_args(argv)
    try:
        return COMMANDS[a.command](a)
    except (NotReady, ValueError, OSError, RuntimeError) as error:
        print(f"load_tests {a.command}: {error}", file=sys.stderr)
        return 2


def _run(a: argparse.Namespace) -> int:
    if not a.name or "/" in a.name:
        raise ValueError(f"name: {a.name!r} is no name of a file")
    # It imports torch, which the generator's processes, who import this file too, can do without.
    from ratchet.demo.report.machine import commit, machine

    phases, settings, slo = phases_of(a), settings_of(a), a.slo_ms / 1000
    lowest = min(phases, key=lambda phase: phase[0].first_rate)[0].first_rate
    warm_up = (Step(lowest, lowest, max(a.warm_up, 1 / lowest)),) if a.warm_up else None
    info = RunInfo(
        name=a.name,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        target=a.target,
        call=call_name(a),
        schedule=schedule_name(a),
        trace=a.trace.name,
        seed=a.seed,
        poisson=a.poisson,
        processes=a.processes,
        slo_ms=a.slo_ms,
        deadline_s=a.deadline,
        machine=machine(),
        commit=commit(),
    )
    steps: list[StepResult] = []
    with Generator(settings, a.processes, slo) as generator:
        print(head(), flush=True)
        for step in run(generator, phases, slo, a.poisson, warm_up):
            steps.append(step)
            print(row(step), flush=True)
    if not steps:
        raise ValueError("seconds: by chance no call was due; take more")
    result = RunResult(info=info, steps=steps)
    result.write(a.out / f"{a.name}.jsonl")
    (a.out / f"{a.name}.html").write_text(report([result]), encoding="utf-8")
    print(f"knee: {find_knee(steps, a.slo_ms) or 'none'} (SLO {a.slo_ms:g} ms)")
    print(f"{a.out / a.name}.jsonl, {a.out / a.name}.html")
    return 0 if any(step.good for step in steps) else 1


def _report(a: argparse.Namespace) -> int:
    page = report([read_result(path) for path in a.files])
    a.out.parent.mkdir(parents=True, exist_ok=True)
    a.out.write_text(page, encoding="utf-8")
    return 0


def _trace(a: argparse.Namespace) -> int:
    for line in made_up(a.calls, a.seed):
        print(line)
    return 0


COMMANDS = {"run": _run, "report": _report, "trace": _trace}

if __name__ == "__main__":
    sys.exit(main())
