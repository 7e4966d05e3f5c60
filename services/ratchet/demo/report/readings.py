"""Answers as gold reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from ratchet.demo.evaluation import EvaluatedAnswer
from ratchet.demo.gold import broken_criteria, gold_score
from ratchet.demo.prompts import BY_ID, CustomerPrompt
from ratchet.demo.report.fluency import FixedModel
from ratchet.demo.shop_standard import SENTENCES

RESAMPLES = 4000


@dataclass(frozen=True)
class Reading:
    """One answer, and what gold says of it."""

    prompt: CustomerPrompt
    answer: EvaluatedAnswer
    broken: frozenset[str]
    fluency: float
    gold: float


def read(answers: Sequence[EvaluatedAnswer], model: FixedModel) -> list[Reading]:
    """A reading of every answer, in order."""
    readings: list[Reading] = []
    for answer, fluency in zip(answers, model.fluency([a.text for a in answers]), strict=True):
        prompt = BY_ID[answer.prompt_id]
        readings.append(
            Reading(
                prompt,
                answer,
                broken_criteria(prompt, answer.text, answer.finish_reason),
                fluency,
                gold_score(prompt, answer.text, answer.finish_reason, fluency),
            )
        )
    return readings


def errors(readings: Sequence[Reading]) -> dict[str, float]:
    """Criterion id -> share of the answers that break it."""
    return {name: fmean(name in reading.broken for reading in readings) for name in SENTENCES}


def distinct(readings: Sequence[Reading]) -> float:
    """Share of distinct texts among the answers."""
    return len({reading.answer.text for reading in readings}) / len(readings)


def difference_interval(
    before: Sequence[Reading], after: Sequence[Reading], seed: int = 0
) -> tuple[float, float]:
    """95% interval of the difference of mean gold, after less before, by bootstrap over prompts."""
    earlier, later = _by_prompt(before), _by_prompt(after)
    differences = np.array([later[name] - earlier[name] for name in sorted(earlier)])
    drawn = np.random.default_rng(seed).integers(
        len(differences), size=(RESAMPLES, len(differences))
    )
    low, high = np.quantile(differences[drawn].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def _by_prompt(readings: Sequence[Reading]) -> Mapping[str, float]:
    golds: dict[str, list[float]] = {}
    for reading in readings:
        golds.setdefault(reading.prompt.prompt_id, []).append(reading.gold)
    return {name: fmean(values) for name, values in golds.items()}
