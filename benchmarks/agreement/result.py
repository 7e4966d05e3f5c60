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
class FoldedLine:
    """The same over all prompts, each called by what the other folds taught."""

    caller: str
    share: Estimate
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
    folded: list[FoldedLine] = field(default_factory=list[FoldedLine])
    """Five folds of all prompts; penalties are chosen inside of the four that are learned from."""
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
    folded: Mapping[str, Caller] | None = None,
    curve_of: tuple[str, ...] = (),
) -> Result:
    """Has all callers learn and call.

    Floors are names of callers; a panel says the sum of what its members, callers too, say. Those
    of `folded` are asked of all pairs, fold by fold.
    """
    every = [*train, *asked]
    called = {name: caller(train, asked) for name, caller in callers.items()}
    folds = {name: out_of_fold(caller, train) for name, caller in callers.items()}
    over_all = {name: out_of_fold(caller, every) for name, caller in (folded or {}).items()}
    for panel, members in (panels or {}).items():
        for found in (called, folds, *([over_all] if over_all else [])):
            found[panel] = np.sum([found[member] for member in members], axis=0)
    return Result(
        name,
        _prompts(train),
        len(train),
        _prompts(asked),
        len(asked),
        dict(chosen),
        list(_lines(Shares(folds, train), Shares(called, asked), floors)),
        list(_folded_lines(Shares(over_all, every), floors)) if over_all else [],
        list(curve({name: callers[name] for name in curve_of}, train, asked)) if curve_of else [],
    )


def _lines(validation: Shares, test: Shares, floors: tuple[str, ...]) -> Iterator[Line]:
    for name in test.names:
        yield Line(name, validation.of(name).value, test.of(name), _above(test, name, floors))


def _folded_lines(shares: Shares, floors: tuple[str, ...]) -> Iterator[FoldedLine]:
    for name in shares.names:
        yield FoldedLine(name, shares.of(name), _above(shares, name, floors))


def _above(shares: Shares, name: str, floors: tuple[str, ...]) -> dict[str, Estimate]:
    return {floor: shares.above(name, floor) for floor in floors if floor != name}


def _prompts(pairs: Pairs) -> int:
    return len(np.unique([pair.prompt_key for pair in pairs]))
