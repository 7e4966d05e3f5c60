"""`python -m benchmarks.recursion run`: all runs that are wanted, one after the other."""

import argparse
import fcntl
import json
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from transformers.utils import logging as transformers_logging

from benchmarks.recursion.arm import ARMS, Arm
from benchmarks.recursion.plan import Plan
from benchmarks.recursion.results import read_lines
from ratchet.demo.report.machine import commit, machine
from ratchet.local.cache import default_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Every figure of the plan is an option."""
    parser.add_argument("--arms", type=_arms, default=[ARMS["F"], ARMS["O"]], metavar="F,O")
    parser.add_argument("--seeds", type=_seeds, default=[0], metavar="0-4")
    parser.add_argument("--out", type=Path, default=Path("bench-results/recursion"), metavar="DIR")
    parser.add_argument("--model", type=Path, default=default_model(), metavar="DIR")
    parser.add_argument("--rounds", type=int, help="stop each run after so many more rounds")
    parser.add_argument("--commit", help="where the tree is a copy without its history")
    figures = parser.add_argument_group("the plan, the same for all runs in a folder")
    for name, field in Plan.model_fields.items():
        figures.add_argument(f"--{name.replace('_', '-')}", metavar=str(field.default))
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    transformers_logging.disable_progress_bar()
    given = {name: getattr(arguments, name) for name in Plan.model_fields}
    out: Path = arguments.out
    try:
        plan = Plan.model_validate({k: v for k, v in given.items() if v is not None})
        _keep(plan, out)
    except ValueError as error:
        parser.error(str(error))
    for seed in arguments.seeds:
        for arm in arguments.arms:
            with _alone(out / f"{arm.name}-{seed}") as free:
                if free:
                    _one(arguments, plan, arm, seed)
    return 0


def _one(arguments: argparse.Namespace, plan: Plan, arm: Arm, seed: int) -> None:
    out: Path = arguments.out
    rounds: int | None = arguments.rounds
    folder = out / f"{arm.name}-{seed}"
    lines = read_lines(folder / "rounds.jsonl")
    if lines and lines[-1]["step"] == plan.steps:
        shutil.rmtree(folder / "features", ignore_errors=True)
        return
    from benchmarks.recursion.run import Run  # heavy

    run = Run(plan, arm, seed, arguments.model, out)
    where = {"machine": machine(), "commit": arguments.commit or commit()}
    if where not in read_lines(folder / "machines.jsonl"):
        with (folder / "machines.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(where) + "\n")
    while not run.done and rounds != 0:
        line = run.round()
        figures = ("gold", "proxy", "kl", "distinct_answers", "answers_read", "seconds")
        told = ", ".join(f"{name} {line[name]:.3g}" for name in figures if name in line)
        print(f"{arm.name} seed {seed} step {line['step']}: {told}", flush=True)
        rounds = None if rounds is None else rounds - 1
    if run.done:
        shutil.rmtree(folder / "features", ignore_errors=True)


def _keep(plan: Plan, out: Path) -> None:
    """Raises ValueError where the folder holds runs of another plan."""
    out.mkdir(parents=True, exist_ok=True)
    path, text = out / "plan.json", plan.model_dump_json(indent=1) + "\n"
    if not path.exists():
        aside = path.with_suffix(f".{os.getpid()}")
        aside.write_text(text)
        aside.rename(path)
    kept = Plan.model_validate_json(path.read_bytes())
    differing = [n for n in Plan.model_fields if getattr(kept, n) != getattr(plan, n)]
    if differing:
        raise ValueError(
            f"{out} holds runs with another {', '.join(differing)}: give another --out"
        )


@contextmanager
def _alone(folder: Path) -> Generator[bool]:
    """Whether no other process holds this run."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _arms(text: str) -> list[Arm]:
    unknown = [name for name in text.split(",") if name not in ARMS]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"no arm {', '.join(unknown)}; there are {', '.join(ARMS)}"
        )
    return [ARMS[name] for name in text.split(",")]


def _seeds(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))
