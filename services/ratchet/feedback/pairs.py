"""Which answers of one judged group are worth comparing."""

import hashlib
import itertools
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ratchet.v1.judgement_pb2 import JudgedGroup, Judgement
from ratchet.v1.preference_pb2 import Comparison
from ratchet.v1.prompt_pb2 import PURPOSE_LABEL, PURPOSE_TRAIN

OFFERED_PURPOSES = (PURPOSE_TRAIN, PURPOSE_LABEL)
"""Gate prompts stay out: what people say of them must not reach the training."""

FIRST, DISAGREEMENT, TAIL, RANDOM = "first", "disagreement", "tail", "random"
REPEAT = "repeat"
IMPORT = "import"
"""Never offered: the pair was labeled elsewhere."""


class Shares(NamedTuple):
    """Of the judged groups, by why their pairs are picked; the rest is by disagreement."""

    random: float
    tail: float


@dataclass(frozen=True)
class Pair:
    """Two answers that could be compared, and how much that would teach."""

    comparison: Comparison
    # 0 for the pair of its group that teaches most, 1 for the next, ...
    rank: int = 0
    # By disagreement: the standard deviation, over the judge's bootstrap copies, of the difference
    # of the two scores. In the tail: the lower of the two scores.
    worth: float = 0.0
    # When it came; Unix time, seconds.
    at: float = 0.0

    @cached_property
    def policy_version(self) -> int:
        """See `policy_version`."""
        return policy_version(self.comparison)


def policy_version(comparison: Comparison) -> int:
    """Newest version of the policy that wrote a token of either answer; 0 if none is named."""
    answers = comparison.answer_a, comparison.answer_b
    return max(
        (span.policy_version for answer in answers for span in answer.weight_spans), default=0
    )


def lot(group_id: str) -> float:
    """A group's place in the lot, 0 to 1: drawn before anything is known of its answers."""
    digest = hashlib.sha256(group_id.encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32


def pairs_of(
    judged: JudgedGroup, weights: Mapping[str, float], shares: Shares, at: float = 0.0
) -> list[Pair]:
    """Disjoint pairs of a group's distinct answers, the most telling first.

    In the tail the answers that the judge scores highest are compared: a policy that has learned to
    please the judge rather than people is found there first.

    The same group always gives the same pairs, so that one that is read again after a restart adds
    nothing. `weights` are the standard's (criterion id -> weight), `at` is when the group came.
    """
    group = judged.group
    if group.prompt.purpose not in OFFERED_PURPOSES:
        return []
    reason = _reason(judged, shares)
    options = list(itertools.combinations(_comparable_answers(judged), 2))
    worth = dict.fromkeys(options, 0.0)
    if reason == DISAGREEMENT:
        copies = [_bootstrap_scores(judgement, weights) for judgement in judged.judgements]
        worth = {(a, b): _disagreement(copies[a], copies[b]) for a, b in options}
    elif reason == TAIL:
        scores = [judgement.score for judgement in judged.judgements]
        worth = {(a, b): min(scores[a], scores[b]) for a, b in options}
    options.sort(key=lambda option: -worth[option])
    pairs: list[Pair] = []
    taken: set[int] = set()
    for a, b in options:
        if taken.isdisjoint((a, b)):
            taken |= {a, b}
            comparison = Comparison(
                pair_id=f"{group.group_id}/{a}-{b}",
                group_id=group.group_id,
                prompt=group.prompt,
                prompt_token_ids=group.prompt_token_ids,
                answer_a=group.completions[a],
                answer_b=group.completions[b],
                standard_id=group.prompt.standard_id,
                picked_because=reason,
            )
            pairs.append(Pair(comparison, len(pairs), worth[a, b], at))
    return pairs


def _comparable_answers(judged: JudgedGroup) -> list[int]:
    """Indices of answers that differ from each other and that a proven judge could score."""
    distinct: dict[str, int] = {}
    answers = zip(judged.group.completions, judged.judgements, strict=False)
    for index, (completion, judgement) in enumerate(answers):
        if judged.judge_version == 0 or not judgement.HasField("error"):
            distinct.setdefault(" ".join(completion.text.split()), index)
    return list(distinct.values())


def _reason(judged: JudgedGroup, shares: Shares) -> str:
    """Set aside by lot alone: the gate's state may be another when a group is read again."""
    if judged.judge_version == 0:
        return FIRST
    place = lot(judged.group.group_id)
    if place < shares.random:
        return RANDOM
    return TAIL if place < shares.random + shares.tail else DISAGREEMENT


def _bootstrap_scores(judgement: Judgement, weights: Mapping[str, float]) -> list[float]:
    """Minus the weight that each bootstrap copy expects the answer to break."""
    terms = [
        [weights.get(criterion.criterion_id, 0.0) * broken for broken in criterion.broken_bootstrap]
        for criterion in judgement.criteria
        if criterion.broken_bootstrap
    ]
    return [-sum(copy) for copy in zip(*terms, strict=False)]


def _disagreement(copies_a: list[float], copies_b: list[float]) -> float:
    differences = [a - b for a, b in zip(copies_a, copies_b, strict=False)]
    return statistics.pstdev(differences) if differences else 0.0
