"""Results of runs that never were."""

from load_tests.result import RunInfo, RunResult, StepResult, step_result
from load_tests.schedule import Step
from load_tests.tally import Tally

SLO_MS = 100.0


def step(
    rate: float, latency_ms: float, share_ok: float = 1.0, late_ms: float = 0.0, slow: int = 0
) -> StepResult:
    """100 calls, of which this share was OK after so many ms, `slow` of them after 2 * SLO_MS."""
    tally = Tally()
    for i in range(100):
        code = "OK" if i < 100 * share_ok else "RESOURCE_EXHAUSTED"
        took = 2 * SLO_MS if i < slow else latency_ms
        tally.record(0.0, late_ms / 1000, took / 1000, code, SLO_MS / 1000)
    return step_result(Step(rate, rate, 100 / rate), tally, SLO_MS / 1000)


def run_result(name: str, *steps: StepResult) -> RunResult:
    info = RunInfo(
        name=name,
        started="2026-11-27T23:00:00+00:00",
        target="127.0.0.1:50051",
        call="Score of judge short, texts",
        schedule="steps of 5,10 calls/s, 10 s each",
        trace="example.jsonl",
        seed=0,
        poisson=None,
        processes=2,
        slo_ms=SLO_MS,
        deadline_s=5,
        machine={"processor": "<a processor>", "cores": 2, "memory_gib": 4, "python": "3.11"},
        commit="0123456789ab",
    )
    return RunResult(info=info, steps=list(steps))
