"""Engines that score the same batches, in turns."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ratchet.judge.engines.engine_process import EngineDied, EngineFailed
from ratchet.judge.engines.output_engine import OutputEngine
from ratchet.judge.judges.settings import EngineName
from ratchet.judge.tuning.workload import KINDS, Kind, Workload, sequence_tokens
from ratchet.process.hardware import fast_bfloat16

REFERENCE: EngineName = "torch"
"""What the others must say: it is tested against transformers."""

DISAGREEMENT = 0.05
"""Mean distance of outputs, in standard deviations, above which they are not the same model's."""


@dataclass(frozen=True)
class Lap:
    """One run of one engine, its kinds apart."""

    seconds: dict[Kind, float]
    tokens: dict[Kind, int]


@dataclass
class Result:
    """What became of an engine."""

    reason: str = ""
    """Why it is out; empty: it ran to the end."""
    laps: list[Lap] = field(default_factory=list[Lap])

    def rate(self, kind: Kind) -> float:
        """Median of the runs' tokens per second; a shared prompt counts for each answer."""
        return statistics.median(lap.tokens[kind] / lap.seconds[kind] for lap in self.laps)

    @property
    def seconds(self) -> float:
        """Median of a run, all kinds together."""
        return statistics.median(sum(lap.seconds.values()) for lap in self.laps)


Results = dict[EngineName, Result]


def race(
    engines: Mapping[EngineName, OutputEngine],
    workload: Workload,
    runs: int,
    clock: Callable[[], float] = time.perf_counter,
) -> Results:
    """A run of each to warm up, then `runs` that count, of each engine first in every other.

    An engine that fails is out, and so is one whose outputs are not the reference's.
    """
    results: Results = {name: Result() for name in engines}
    for run in range(runs + 1):
        outputs: dict[EngineName, np.ndarray] = {}
        for name in list(engines) if run % 2 else reversed(list(engines)):
            if results[name].reason:
                continue
            try:
                lap, outputs[name] = _lap(engines[name], workload, run, clock)
            except (EngineFailed, EngineDied) as error:
                results[name].reason = str(error)
                continue
            if run:
                results[name].laps.append(lap)
        _compare(outputs, results)
    return results


def winner(results: Results) -> EngineName | None:
    """The faster one of those that are not out."""
    left: list[EngineName] = [name for name, result in results.items() if not result.reason]
    return min(left, key=lambda name: results[name].seconds) if left else None


def _lap(
    engine: OutputEngine, workload: Workload, run: int, clock: Callable[[], float]
) -> tuple[Lap, np.ndarray]:
    lap = Lap({}, {})
    found: list[np.ndarray] = []
    for kind in KINDS:
        batches = workload.batches(kind, run)
        if not batches:
            continue
        started = clock()
        for batch in batches:
            found += engine.outputs(batch)
        lap.seconds[kind] = clock() - started
        lap.tokens[kind] = sequence_tokens(batches)
    return lap, np.concatenate(found)


def _compare(outputs: Mapping[EngineName, np.ndarray], results: Results) -> None:
    reference_NL = outputs.get(REFERENCE)
    if reference_NL is None:
        return
    deviation_L = reference_NL.std(axis=0)
    # Outputs far from 0 that hardly differ are apart by what their precision rounds away.
    rounding = 0.02 if fast_bfloat16() else 1e-3
    allowed_L = DISAGREEMENT * deviation_L + rounding * np.abs(reference_NL).mean(axis=0)
    for name, outputs_NL in outputs.items():
        apart_L = np.abs(outputs_NL - reference_NL).mean(axis=0)
        if not (apart_L <= allowed_L).all():
            worst = int(np.argmax(apart_L - allowed_L))
            results[name].reason = (
                f"its output {worst} is {apart_L[worst]:.3g} from {REFERENCE}'s in the mean,"
                f" of a deviation of {deviation_L[worst]:.3g}"
            )
