"""How many labels the whole gate asks of a judge: floors, flips and calibration too."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ratchet.autonomy.gate import Gate, Standing
from ratchet.autonomy.label import Label
from ratchet.autonomy.settings import GateSettings
from ratchet.autonomy.state import State

JUDGES = ((0.75, 0.6), (0.8, 0.6), (0.9, 0.6))
"""How often the judge agrees with people, and how often each floor does, by itself."""

STREAMS, LABELS = 20, 800


@dataclass(frozen=True)
class Climb:
    """Of one kind of judge, labels until half of them are in a state; `LABELS` where later."""

    agreement: float
    floors: float
    assisted: float
    autonomous: float


def climbs() -> Iterator[Climb]:
    """Through the gate itself, at its default settings; the judge knows how often it is right."""
    for agreement, floors in JUDGES:
        reached = [_climb(agreement, floors, seed) for seed in range(STREAMS)]
        assisted, autonomous = np.median(reached, axis=0).tolist()
        yield Climb(agreement, floors, assisted, autonomous)


def _climb(agreement: float, floors: float, seed: int) -> tuple[int, int]:
    gate, reached = Gate(GateSettings(), Standing()), dict[State, int]()
    gate.take_up(1)
    for count, label in enumerate(_labels(agreement, floors, seed), start=1):
        if gate.add_label(label):
            reached.setdefault(gate.standing.state, count)
        if State.AUTONOMOUS in reached:
            break
    return reached.get(State.ASSISTED, LABELS), reached.get(State.AUTONOMOUS, LABELS)


def _labels(agreement: float, floors: float, seed: int) -> Iterator[Label]:
    random = np.random.default_rng(seed)
    for _ in range(LABELS):
        vote = float(random.random() < 0.5)
        chosen = vote if random.random() < agreement else 1 - vote
        yield Label(
            vote=vote,
            probability=agreement if chosen else 1 - agreement,
            at_random=True,
            floors={
                name: vote if random.random() < floors else 1 - vote
                for name in GateSettings().floors
            },
        )
