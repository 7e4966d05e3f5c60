"""What one data set says of the judge."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from benchmarks.agreement.callers import Caller, Pairs
from benchmarks.agreement.curve import Point, curve
from benchmarks.agreement.shares import Shares
from benchmarks.agreement.validation import out_of_fold
from ratchet.jsonl.agreement import Estimate


@dataclass(frozen=True)
class Line:
    """One caller: its share of pairs called right, and that less each floor's."""

    caller: str
    validation: float
    """By five folds of the training prompts."""
    test: Estimate
    above: dict[str, Estimate]


@dataclass(frozen=True)
class Result:
    """Of one set of pairs, by several callers."""

    name: str
    train_prompts: int
    train_pairs: int
    test_prompts: int
    test_pairs: int
    chosen: dict[str, float]
    """Penalties, by five folds of the training prompts."""
    lines: list[Line]
    curve: list[Point] = field(default_factory=list[Point])


def result(
    name: str,
    train: Pairs,
    asked: Pairs,
    callers: Mapping[str, Caller],
    floors: tuple[str, ...],
    *,
    chosen: Mapping[str, float],
    panels: Mapping[str, tuple[str, ...]] | None = None,
    curve_of: tuple[str, ...] = (),
) -> Result:
    """Has all callers learn and call.

    Floors are names of callers; a panel says the sum of what its members, callers too, say.
    """
    called = {name: caller(train, asked) for name, caller in callers.items()}
    folds = {name: out_of_fold(caller, train) for name, caller in callers.items()}
    for panel, members in (panels or {}).items():
        for found in (called, folds):
            found[panel] = np.sum([found[member] for member in members], axis=0)
    return Result(
        name,
        _prompts(train),
        len(train),
        _prompts(asked),
        len(asked),
        dict(chosen),
        list(_lines(Shares(folds, train), Shares(called, asked), floors)),
        list(curve({name: callers[name] for name in curve_of}, train, asked)) if curve_of else [],
    )


def _lines(validation: Shares, test: Shares, floors: tuple[str, ...]) -> Iterator[Line]:
    for name in test.names:
        above = {floor: test.above(name, floor) for floor in floors if floor != name}
        yield Line(name, validation.of(name).value, test.of(name), above)


def _prompts(pairs: Pairs) -> int:
    return len(np.unique([pair.prompt_key for pair in pairs]))
