"""`ratchet bench demo`: the demo over seeds, beside what gold itself as the reward reaches."""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from rich.console import Console

from ratchet.demo.command import exit_code, plan_of, run
from ratchet.demo.evaluation import EvaluatedAnswer
from ratchet.demo.plan import DemoPlan
from ratchet.demo.report.fluency import FixedModel
from ratchet.demo.report.machine import commit, machine
from ratchet.demo.report.readings import read
from ratchet.demo.report.summary import Summary
from ratchet.demo.run_folder import RunFolder
from ratchet.local.cache import default_model
from ratchet.policy.environment import policy_environment
from ratchet.process.config import ConfigError
from ratchet.process.torch_environment import torch_environment


def command(arguments: argparse.Namespace) -> int:
    """Runs every seed, and writes `demo.json` anew after each."""
    return exit_code(lambda: _bench(arguments, Console()))


def _bench(arguments: argparse.Namespace, console: Console) -> None:
    out: Path = arguments.out.resolve()
    summaries: list[Summary] = []
    for seed in arguments.seeds:
        summaries.append(_seed(seed, RunFolder(out / f"demo-{seed}"), arguments, console))
        result = json.dumps(_result(summaries), indent=1)
        (out / "demo.json").write_text(result + "\n", encoding="utf-8")
    _print(summaries, out / "demo.json", console)


def _seed(seed: int, folder: RunFolder, arguments: argparse.Namespace, console: Console) -> Summary:
    """What an earlier call has finished is kept; remove its folder to run the seed again."""
    plan = plan_of(arguments, seed, "simulated")
    if folder.summary.exists():
        console.print(f"seed {seed}: {folder.root} is there already", soft_wrap=True)
        summary = Summary.model_validate_json(folder.summary.read_text(encoding="utf-8"))
    else:
        summary = run(plan, folder, arguments, console)
    # Versions and Kafka's log: a gigabyte or two that nobody asks for again.
    shutil.rmtree(folder.state, ignore_errors=True)
    if summary.gold_ceiling_after is not None:
        return summary
    console.print("The same number of updates with gold as the reward, for comparison.")
    spoiled = sum(row["event"] == "drill" for row in folder.read("events"))
    model = arguments.model or default_model()
    ceiling = _ceiling(plan, summary.updates - spoiled, folder, model)
    summary = summary.model_copy(update={"gold_ceiling_after": ceiling})
    folder.summary.write_text(summary.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return summary


def _ceiling(plan: DemoPlan, updates: int, folder: RunFolder, model: Path) -> float:
    """Mean gold after so many updates with gold as the reward."""
    command = [sys.executable, "-m", "ratchet.demo.ceiling", "--model", str(model)]
    command += ["--seed", str(plan.seed), "--updates", str(updates)]
    command += ["--answers", str(plan.answers), "--out", str(folder.root / "answers_ceiling.jsonl")]
    log = folder.root / "ceiling.log"
    with log.open("wb") as output:
        environment = {**os.environ, **torch_environment(), **policy_environment()}
        done = subprocess.run(command, env=environment, stdout=output, stderr=output, check=False)
    if done.returncode:
        raise ConfigError(f"the run with gold as the reward failed: see {log}")
    rows = folder.read("answers_ceiling")
    readings = read([EvaluatedAnswer.model_validate(row) for row in rows], FixedModel(model))
    return fmean(reading.gold for reading in readings)


def _result(summaries: Sequence[Summary]) -> dict[str, Any]:
    """In the form that all benchmarks share, with every seed's summary."""
    return {
        "machine": machine(),
        "commit": commit(),
        "rows": rows(summaries),
        "seeds": [summary.model_dump() for summary in summaries],
    }


def rows(summaries: Sequence[Summary]) -> list[dict[str, Any]]:
    """Each figure's mean over the seeds, beside that of what it is compared with."""
    floors = [max(s.agreement_shorter, s.agreement_longer, s.agreement_tfidf) for s in summaries]
    gains = [s.gold_difference for s in summaries]
    ceilings = [_ceiling_gain(s) for s in summaries]
    agreements = [s.judge_agreement for s in summaries]
    return [
        _row("gain of gold", gains, "points", "gold as the reward", ceilings),
        _row("gain of gold", [s.gain_in_sd for s in summaries], "first policy's sd"),
        _row("judge's agreement with gold", agreements, "of pairs", "best floor", floors),
        _row("distinct answers", [s.distinct_answers for s in summaries], "share"),
        _row("KL to the first policy", [s.kl for s in summaries], "nats per token"),
        _row("marked answers", [s.marked_answers for s in summaries], "answers"),
        _row("graded per marked", [s.graded_per_marked for s in summaries], "answers"),
        _row("ready to last update", [s.seconds for s in summaries], "s"),
        _row("start to first score", [s.seconds_to_first_score for s in summaries], "s"),
        _row("dropped requests", [s.dropped_requests for s in summaries], "requests"),
    ]


def _ceiling_gain(summary: Summary) -> float:
    assert summary.gold_ceiling_after is not None, "every seed of a benchmark has one"
    return summary.gold_ceiling_after - summary.gold_before


def _row(
    name: str,
    values: Sequence[float],
    unit: str,
    peer: str | None = None,
    peer_values: Sequence[float] = (),
) -> dict[str, Any]:
    value = fmean(values)
    peer_value = fmean(peer_values) if peer_values else None
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "peer": peer,
        "peer_value": peer_value,
        "ratio": value / peer_value if peer_value else None,
        "runs": len(values),
        "low": min(values),
        "high": max(values),
    }


def _print(summaries: Sequence[Summary], path: Path, console: Console) -> None:
    for row in rows(summaries):
        peer = f", {row['peer']} {row['peer_value']:.2f}" if row["peer"] else ""
        ratio = f", ratio {row['ratio']:.2f}" if row["ratio"] else ""
        span = f"{row['low']:.2f} to {row['high']:.2f}"
        line = f"{row['name']}: {row['value']:.2f} {row['unit']} ({span}){peer}{ratio}"
        console.print(line, highlight=False, soft_wrap=True)
    console.print(f"{path}", highlight=False, soft_wrap=True)
