"""Whether answers are still such as those on which the judge was proven."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from pydantic import BaseModel

from ratchet.autonomy.change import ChangeWealth
from ratchet.autonomy.settings import GateSettings


@dataclass(frozen=True)
class Answer:
    """What is watched of a graded answer."""

    score: float
    """0 to 1."""
    tokens: int
    kl: float | None = None
    """To the first policy, nats per token, k3 estimate, never negative; None where not measured."""

    def __post_init__(self) -> None:
        if not 0 <= self.score <= 1:
            raise ValueError(f"score: {self.score} is not between 0 and 1")
        if self.tokens < 0:
            raise ValueError(f"tokens: {self.tokens} is negative")
        if self.kl is not None and not 0 <= self.kl < float("inf"):
            raise ValueError(f"kl: {self.kl} is negative or not finite")


class Watch(BaseModel):
    """A bettor who expects the mean of one quantity to leave its limit, upwards or downwards.

    Values count up to `cap` alone, so that they are bounded, and that one very long answer cannot
    hide ten empty ones.
    """

    quantity: str
    rising: bool
    cap: float
    change: ChangeWealth

    @classmethod
    def over(cls, quantity: str, cap: float, limit: float) -> "Watch":
        """Of a rise of the mean above `limit`, which is above 0."""
        return cls(quantity=quantity, rising=True, cap=cap, change=ChangeWealth(mean=limit / cap))

    @classmethod
    def under(cls, quantity: str, cap: float, limit: float) -> "Watch":
        """Of a fall of the mean below `limit`, which is below `cap`."""
        change = ChangeWealth(mean=1 - limit / cap)
        return cls(quantity=quantity, rising=False, cap=cap, change=change)

    def add(self, answer: Answer) -> None:
        """Bet on the next answer, if the quantity was measured."""
        measured = getattr(answer, self.quantity)
        if measured is not None:
            value = min(measured / self.cap, 1.0)
            self.change.add(value if self.rising else 1 - value)


class Drift(BaseModel):
    """The first answers are the reference; every later one is bet on.

    The limits are numbers, fixed once the reference is full. As long as no answer is expected
    beyond one of them, given those before it, the chance of an alarm is at most 1/20 over all time:
    `wealth` is the mean of the watches' wealths, which is again the wealth of a bettor. Slow change
    within the limits is no drift, for a policy that learns is meant to change.
    """

    reference: list[Answer] = []
    """Until there are enough."""
    watches: list[Watch] = []

    @property
    def wealth(self) -> float:
        """1 until the reference is full; an alarm at 20."""
        return fmean([watch.change.wealth for watch in self.watches] or [1.0])

    @property
    def suspect(self) -> str:
        """The quantity that tells most against the answers, such as "tokens fell"; or nothing."""
        if not self.watches:
            return ""
        watch = max(self.watches, key=lambda each: each.change.wealth)
        return f"{watch.quantity} {'rose' if watch.rising else 'fell'}"

    def add(self, answer: Answer, settings: GateSettings) -> None:
        """Take in the next answer."""
        if self.watches:
            for watch in self.watches:
                watch.add(answer)
            return
        self.reference = [*self.reference, answer]
        if len(self.reference) >= settings.reference_answers:
            self.watches = list(_watches(self.reference, settings))
            self.reference = []


def _watches(reference: Sequence[Answer], settings: GateSettings) -> list[Watch]:
    lengths = [answer.tokens for answer in reference]
    kls = [answer.kl for answer in reference if answer.kl is not None]
    score, length = fmean(answer.score for answer in reference), max(fmean(lengths), 1.0)
    highest, lowest = score + settings.score_drift, score - settings.score_drift
    factor = 1 + settings.length_drift
    # Caps are twice the limit, so that wealth can nearly double at an answer.
    longest, kl = 2 * factor * length, fmean(kls or [0.0]) + settings.kl_drift
    long = factor * max(fmean([min(each, longest) for each in lengths]), 1.0)
    short = fmean([min(each, length) for each in lengths]) / factor
    watches = [Watch.over("tokens", longest, long), Watch.over("kl", 2 * kl, kl)]
    # No mean of scores can be above 1, and none of anything here below 0.
    if short > 0:
        watches.append(Watch.under("tokens", length, short))
    if highest < 1:
        watches.append(Watch.over("score", 1.0, highest))
    if lowest > 0:
        watches.append(Watch.under("score", 1.0, lowest))
    return watches
