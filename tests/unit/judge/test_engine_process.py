"""An engine behind a process border: what comes back, and what its end looks like."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from ratchet.judge.engines import engine_process
from ratchet.judge.engines.engine_process import EngineDied, EngineFailed, EngineProcess
from ratchet.reward.packing import PackedGroup, TokenGroup

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT / 'services'}:{ROOT}", "MARK": "from outside"}

INTERRUPT, PROTEST, DIE, HANG = 6, 7, 8, 9


class Counting:
    """Counts tokens; some ids have it fail."""

    labels = ("tokens", os.environ.get("MARK", ""))
    vocabulary = 10
    context_tokens = 100

    def outputs(self, groups: Sequence[TokenGroup]) -> list[np.ndarray]:
        ids = [i for group in groups for i in group.prompt_ids]
        if INTERRUPT in ids:
            os.kill(os.getpid(), signal.SIGINT)
        if PROTEST in ids:
            raise ValueError("a line\nand another")
        if DIE in ids:
            os.kill(os.getpid(), signal.SIGKILL)
        if HANG in ids:
            signal.pause()
        print("what a library says")
        return [
            np.array([[len(group.prompt_ids + ids), 0] for ids in group.completion_ids], "f4")
            for group in groups
        ]


def load(reason: str = "") -> Counting:
    if reason:
        raise OSError(reason)
    return Counting()


def group(first: int) -> TokenGroup:
    return TokenGroup((first, 2), ((1,), (1, 2, 3)))


@pytest.fixture
def engine() -> Iterator[EngineProcess]:
    with started(load) as engine:
        yield engine


def started(loading: Callable[[], Counting]) -> EngineProcess:
    return EngineProcess(loading, ENVIRONMENT)


def test_it_answers_as_the_engine_does_and_has_the_environment(engine: EngineProcess) -> None:
    packed = PackedGroup(np.array([1], "<u4").tobytes(), (np.array([1, 2], "<u4").tobytes(),))
    for _ in range(2):
        first, second = engine.outputs([group(1), packed])
        assert first.tolist() == [[3, 0], [5, 0]]
        assert second.tolist() == [[3, 0]]
    assert engine.labels == ("tokens", "from outside")
    assert (engine.vocabulary, engine.context_tokens) == (10, 100)


def test_what_the_engine_raises_is_an_error_of_one_batch(engine: EngineProcess) -> None:
    with pytest.raises(EngineFailed, match="ValueError: a line and another"):
        engine.outputs([group(PROTEST)])
    assert len(engine.outputs([group(1)])) == 1


def test_an_interrupt_of_the_terminal_is_not_for_the_engine(engine: EngineProcess) -> None:
    assert len(engine.outputs([group(INTERRUPT)])) == 1


def test_an_engine_that_dies_is_an_error_and_stays_one(engine: EngineProcess) -> None:
    for first in (DIE, 1):
        with pytest.raises(EngineDied, match="has ended with -9"):
            engine.outputs([group(first)])


def test_an_engine_that_hangs_is_killed(
    engine: EngineProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_process, "BATCH_SECONDS", 0.2)
    with pytest.raises(EngineDied, match="was silent"):
        engine.outputs([group(HANG)])
    with pytest.raises(EngineDied, match="has ended"):
        engine.outputs([group(1)])


def test_one_that_cannot_load_says_why() -> None:
    with pytest.raises(EngineFailed, match="OSError: no such model"):
        started(partial(load, "no such model"))
