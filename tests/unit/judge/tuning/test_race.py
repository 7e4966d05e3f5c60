"""Who wins, and who is out."""

import math

import pytest
from tests.unit.judge.tuning.timed_engine import Clock, TimedEngine

from ratchet.judge.judges.settings import EngineName
from ratchet.judge.tuning.race import race, winner
from ratchet.judge.tuning.workload import Bounds, Sizes, Workload

WORKLOAD = Workload(Sizes(3, 2, 4, 30, 10), Bounds(1000, 100, 100))


def engines(
    torch: float, vllm: float, dies_at: int = 0, off_by: float = 0.0
) -> tuple[dict[EngineName, TimedEngine], Clock]:
    clock = Clock()
    found: dict[EngineName, TimedEngine] = {
        "torch": TimedEngine(clock, torch),
        "vllm": TimedEngine(clock, vllm, dies_at, off_by),
    }
    return found, clock


@pytest.mark.parametrize(("torch", "vllm", "faster"), [(1, 2, "torch"), (2, 1, "vllm")])
def test_the_faster_one_wins_and_no_slow_start_counts(
    torch: float, vllm: float, faster: str
) -> None:
    racing, clock = engines(torch, vllm)
    results = race(racing, WORKLOAD, 3, clock)
    assert winner(results) == faster
    for name, seconds in (("torch", torch), ("vllm", vllm)):
        batches = len(WORKLOAD.batches("single", 1)) + len(WORKLOAD.batches("group", 1))
        assert results[name].laps[0].seconds["single"] == seconds * len(
            WORKLOAD.batches("single", 1)
        )
        assert sum(results[name].laps[0].seconds.values()) == seconds * batches
        assert len(results[name].laps) == 3


def test_both_score_the_same_and_no_prompt_comes_again() -> None:
    racing, clock = engines(1, 1)
    race(racing, WORKLOAD, 3, clock)
    assert racing["torch"].seen == racing["vllm"].seen
    prompts = [group.prompt_ids for group in racing["torch"].seen]
    # A group too long for one batch is two, with one prompt, as the judge itself has it.
    assert len(set(prompts)) == (3 + 2) * (3 + 1)


def test_an_engine_that_dies_is_out_and_the_other_runs_on() -> None:
    racing, clock = engines(2, 1, dies_at=9)
    results = race(racing, WORKLOAD, 3, clock)
    assert results["vllm"].reason == "it is gone"
    assert winner(results) == "torch"
    assert len(results["torch"].laps) == 3


@pytest.mark.parametrize("off_by", [60.0, math.nan])
def test_a_faster_engine_that_says_something_else_is_out(off_by: float) -> None:
    racing, clock = engines(2, 1, off_by=off_by)
    results = race(racing, WORKLOAD, 3, clock)
    assert "from torch's in the mean" in results["vllm"].reason
    assert winner(results) == "torch"


def test_rounding_is_no_disagreement() -> None:
    racing, clock = engines(2, 1, off_by=0.01)
    assert winner(race(racing, WORKLOAD, 3, clock)) == "vllm"


def test_nobody_wins_where_all_are_out() -> None:
    clock = Clock()
    assert winner(race({"vllm": TimedEngine(clock, 1, dies_at=1)}, WORKLOAD, 1, clock)) is None
