"""Which of many pairs people read: where a label is spent."""

import random
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.recursion.held_out import held_out
from benchmarks.recursion.plan import Spending
from ratchet.demo.shop_standard import SENTENCES
from ratchet.feedback.pairs import DISAGREEMENT, RANDOM, TAIL, Pair, Shares, pairs_of
from ratchet.reward.marks import HELD_OUT_SHARE
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.preference_pb2 import Comparison

RARE = "rare"
WEIGHTS = {name: weight for name, (weight, _) in SENTENCES.items()}

SHARES: Mapping[Spending, Mapping[str, float]] = {
    "random": {},
    "disagreement": {DISAGREEMENT: 1.0},
    "tail": {TAIL: 1.0},
    "rare": {RARE: 1.0},
    "mixed": {DISAGREEMENT: 0.5, TAIL: 0.25},
}
"""Of the pairs to prompts whose marks train, by what they are picked; the rest at random."""


def picked(
    judged: Sequence[JudgedGroup], count: int, spending: Spending, seed: int
) -> list[Comparison]:
    """So many pairs, at most one of each group, or fewer where there are not as many.

    The share that proves judges is drawn at random, the same pairs whatever the choice: a pair that
    was not picked at random is no proof. They come in no order, so that repeats are of all kinds.
    """
    draw = random.Random(seed)
    proving, training = (
        [group for group in judged if held_out(group.group.prompt) == out] for out in (True, False)
    )
    proving_drawn, training_drawn = (_by_chance(groups, draw) for groups in (proving, training))
    wanted = proofs = round(count * HELD_OUT_SHARE)
    choices = [(proving_drawn, wanted, RANDOM)]
    for reason, share in SHARES[spending].items():
        wanted += round((count - proofs) * share)
        choices.append((_by(reason, training), wanted, reason))
    choices += [(training_drawn, count, RANDOM), (proving_drawn, count, RANDOM)]
    found: dict[str, Comparison] = {}
    for pairs, up_to, reason in choices:
        for pair in pairs:
            if len(found) >= up_to:
                break
            if pair.comparison.group_id not in found:
                pair.comparison.picked_because = reason
                pair.comparison.standard_version = 1
                found[pair.comparison.group_id] = pair.comparison
    comparisons = [*found.values()]
    draw.shuffle(comparisons)
    return comparisons


def _by_chance(judged: Sequence[JudgedGroup], draw: random.Random) -> list[Pair]:
    """A pair of each group."""
    pairs = [pair for group in judged for pair in pairs_of(group, WEIGHTS, Shares(1, 0))[:1]]
    draw.shuffle(pairs)
    return pairs


def _by(reason: str, judged: Sequence[JudgedGroup]) -> list[Pair]:
    """All pairs, first those that are picked first for this reason."""
    shares = Shares(random=0, tail=reason == TAIL)
    pairs = [pair for group in judged for pair in pairs_of(group, WEIGHTS, shares)]
    if reason != RARE:
        return sorted(pairs, key=lambda pair: -pair.worth)
    rarity = _rarity(judged)
    return sorted(
        pairs, key=lambda pair: -max(rarity[pair.comparison.group_id, a] for a in _answers(pair))
    )


def first_pairs(judged: Sequence[JudgedGroup], count: int) -> list[Comparison]:
    """So many pairs, in order, of answers that no judge has scored."""
    pairs = [
        pair.comparison for group in judged for pair in pairs_of(group, WEIGHTS, Shares(0, 0))[:1]
    ]
    for comparison in pairs:
        comparison.standard_version = 1
    return pairs[:count]


def _answers(pair: Pair) -> tuple[bytes, bytes]:
    return pair.comparison.answer_a.token_ids, pair.comparison.answer_b.token_ids


def _rarity(judged: Sequence[JudgedGroup]) -> dict[tuple[str, bytes], float]:
    """Of each answer, by its group's id and tokens: weight of what it meets and few others do.

    By the judge's own word; a criterion that it does not know counts nothing.
    """
    answers = [
        (group.group.group_id, completion.token_ids, judgement)
        for group in judged
        for completion, judgement in zip(group.group.completions, group.judgements, strict=True)
    ]
    met_nC = np.array(
        [
            [
                1 - criterion.broken if criterion.HasField("broken") else 0.0
                for criterion in judgement.criteria
            ]
            for _, _, judgement in answers
        ]
    )
    if not met_nC.size:
        return {(group_id, ids): 0.0 for group_id, ids, _ in answers}
    shares_C = met_nC.mean(axis=0).clip(min=1 / len(answers))
    rarity_n = met_nC @ (np.array([*WEIGHTS.values()]) / shares_C)
    return {
        (group_id, ids): float(rarity)
        for (group_id, ids, _), rarity in zip(answers, rarity_n, strict=True)
    }
