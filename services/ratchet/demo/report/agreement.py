"""How often a judge, or a floor, prefers the answer that gold prefers."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ratchet.demo.erring_reader import TIE_MARGIN, customer_prompt
from ratchet.demo.gold import gold_score
from ratchet.demo.report.judges import Judges, token_group
from ratchet.demo.report.readings import Reading
from ratchet.demo.report.records import Records
from ratchet.reward.agreement import length_differences, pair_agreement, tfidf_differences
from ratchet.reward.marks import ComparedPair
from ratchet.reward.packing import TokenGroup
from ratchet.reward.tokens import ChatTokenizer
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.preference_pb2 import VOTE_A, VOTE_B, Preference
from ratchet.v1.weights_pb2 import ROLE_JUDGE

OUTCOMES = {VOTE_A: 1.0, VOTE_B: 0.0}


@dataclass(frozen=True)
class JudgeUpdate:
    """Agreement on the newest policy's own pairs by the judge before an update and after it."""

    judge_version: int
    policy_version: int
    before: float
    after: float


@dataclass(frozen=True)
class FirstPolicyAgreement:
    """Agreement on pairs of the first policy's answers to never-trained prompts."""

    by_judge: dict[int, float]
    """judge version -> agreement"""
    floors: dict[str, float]
    """"shorter", "longer", "tfidf" (fitted on the labelers' votes)"""
    pairs: int


def on_first_policy(
    readings: Sequence[Reading], records: Records, judges: Judges, tokenizer: ChatTokenizer
) -> FirstPolicyAgreement:
    """Two answers a prompt, told apart where their gold differs by a tie's margin or more."""
    pairs = [
        (a, b)
        for a, b in zip(readings[::2], readings[1::2], strict=True)
        if abs(a.gold - b.gold) >= TIE_MARGIN
    ]
    outcomes_n = np.array([float(a.gold > b.gold) for a, b in pairs])
    groups = [
        TokenGroup(
            tokenizer.prompt_ids(a.prompt.messages), (a.answer.token_ids, b.answer.token_ids)
        )
        for a, b in pairs
    ]
    compared = [
        ComparedPair("", np.zeros(0), np.zeros(0), outcome, a.answer.text, b.answer.text)
        for outcome, (a, b) in zip(outcomes_n, pairs, strict=True)
    ]
    longer_n = length_differences(compared)
    votes = [_vote(preference) for preference in records.preferences]
    floors = {
        "shorter": -longer_n,
        "longer": longer_n,
        "tfidf": tfidf_differences(votes, compared),
    }
    by_judge: dict[int, float] = {}
    for version in filter(judges.has, records.served(ROLE_JUDGE)):
        differences_n = np.array([s[0] - s[1] for s in judges.scores(version, groups)])
        by_judge[version] = pair_agreement(differences_n, outcomes_n)
    return FirstPolicyAgreement(
        by_judge,
        {name: pair_agreement(d, outcomes_n) for name, d in floors.items()},
        len(pairs),
    )


def at_updates(records: Records, judges: Judges) -> list[JudgeUpdate]:
    """For every judge but the first: the sag before it, and the repair, on fresh answers.

    Both judges score the training groups of the first policy version that the new judge scored in
    the run. None of them was marked yet when the new judge was fitted.
    """
    updates: list[JudgeUpdate] = []
    served = list(filter(judges.has, records.served(ROLE_JUDGE)))
    for earlier, later in itertools.pairwise(served):
        judged = [group for group in records.training_groups if group.judge_version >= later]
        if not judged:
            continue
        version = policy_version(judged[0])
        fresh = [group for group in judged if policy_version(group) == version]
        updates.append(
            JudgeUpdate(
                judge_version=later,
                policy_version=version,
                before=_within_groups(fresh, judges, earlier),
                after=_within_groups(fresh, judges, later),
            )
        )
    return updates


def policy_version(judged: JudgedGroup) -> int:
    """The newest version that sampled a token of the group."""
    return max(span.policy_version for c in judged.group.completions for span in c.weight_spans)


def checked_gold(judged: JudgedGroup) -> list[float]:
    """Gold of a group's answers without their fluency."""
    prompt = customer_prompt(judged.group.prompt)
    return [
        gold_score(prompt, c.text, c.finish_reason, mean_log_probability=0.0)
        for c in judged.group.completions
    ]


def _within_groups(groups: Sequence[JudgedGroup], judges: Judges, version: int) -> float:
    differences: list[float] = []
    outcomes: list[float] = []
    scores = judges.scores(version, [token_group(group) for group in groups])
    for group, score_n in zip(groups, scores, strict=True):
        for (gold_a, a), (gold_b, b) in itertools.combinations(
            zip(checked_gold(group), score_n, strict=True), 2
        ):
            if abs(gold_a - gold_b) >= TIE_MARGIN:
                differences.append(a - b)
                outcomes.append(float(gold_a > gold_b))
    return pair_agreement(np.array(differences), np.array(outcomes))


def _vote(preference: Preference) -> ComparedPair:
    comparison = preference.comparison
    return ComparedPair(
        prompt_key="",
        features_a=np.zeros(0),
        features_b=np.zeros(0),
        outcome=OUTCOMES.get(preference.vote, 0.5),
        text_a=comparison.answer_a.text,
        text_b=comparison.answer_b.text,
    )
