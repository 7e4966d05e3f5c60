"""Which of many pairs people read: where a label is spent."""

import random
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.recursion.held_out import held_out
from benchmarks.recursion.plan import Spending
from ratchet.demo.shop_standard import SENTENCES
from ratchet.feedback.pairs import DISAGREEMENT, RANDOM, Pair, Shares, pairs_of
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.preference_pb2 import Comparison

RARE = "rare"
WEIGHTS = {name: weight for name, (weight, _) in SENTENCES.items()}

SHARES: Mapping[Spending, tuple[float, float]] = {
    "random": (0.0, 0.0),
    "disagreement": (1.0, 0.0),
    "rare": (0.0, 1.0),
    "mixed": (0.5, 0.25),
}
"""Of the pairs: by disagreement of the judge's copies, and by rare passes; the rest at random."""


def picked(
    judged: Sequence[JudgedGroup], count: int, spending: Spending, seed: int
) -> list[Comparison]:
    """So many pairs, at most one of each group, or fewer where there are not as many.

    What is picked for a reason is of prompts whose marks train: held-out ones prove a judge, and a
    pair that was not picked at random is no proof.
    """
    by_disagreement, by_rarity = (round(count * share) for share in SHARES[spending])
    rarity = _rarity(judged)
    found: dict[str, Comparison] = {}
    train = [group for group in judged if not held_out(group.group.prompt)]
    offered = [pair for group in train for pair in pairs_of(group, WEIGHTS, Shares(0, 0))]
    most_disputed = sorted(offered, key=lambda pair: -pair.worth)
    rarest = sorted(
        offered, key=lambda pair: -max(rarity[pair.comparison.group_id, a] for a in _answers(pair))
    )
    shuffled = [pair for group in judged for pair in pairs_of(group, WEIGHTS, Shares(1, 0))[:1]]
    random.Random(seed).shuffle(shuffled)
    for pairs, wanted, reason in (
        (most_disputed, by_disagreement, DISAGREEMENT),
        (rarest, by_disagreement + by_rarity, RARE),
        (shuffled, count, RANDOM),
    ):
        for pair in pairs:
            if len(found) >= wanted:
                break
            if pair.comparison.group_id not in found:
                pair.comparison.picked_because = reason
                pair.comparison.standard_version = 1
                found[pair.comparison.group_id] = pair.comparison
    return list(found.values())


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
