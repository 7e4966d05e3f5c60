"""Labels as a judge of a given agreement would meet them."""

from collections.abc import Iterator

import numpy as np

from ratchet.autonomy.label import Label
from ratchet.autonomy.settings import GateSettings

FLOORS = GateSettings().floors


def labels(
    count: int,
    agreement: float,
    *,
    floor: float = 0.5,
    confidence: float | None = None,
    flips: float = 0.0,
    at_random: bool = True,
    seed: int = 0,
) -> Iterator[Label]:
    """`floor`: how often the floors agree; `confidence`: what the judge says of itself."""
    random = np.random.default_rng(seed)
    sure = max(confidence or agreement, 0.51)
    for _ in range(count):
        vote, agreed = float(random.random() < 0.5), random.random() < agreement
        choice = vote if agreed else 1 - vote
        floors = {name: vote if random.random() < floor else 1 - vote for name in FLOORS}
        yield Label(
            vote=vote,
            probability=sure if choice else 1 - sure,
            at_random=at_random,
            flipped=bool(random.random() < flips),
            floors=floors,
        )
