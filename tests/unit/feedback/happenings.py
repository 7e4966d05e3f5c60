"""A history as a system that has run for a while would have it."""

import random

from tests.unit.feedback.judged import group

from ratchet.feedback.history import History
from ratchet.feedback.pairs import DISAGREEMENT, RANDOM
from ratchet.v1.gate_pb2 import Autonomy, GateState
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.preference_pb2 import VOTE_A, Comparison, Marks, Preference, Vote
from ratchet.v1.weights_pb2 import (
    ROLE_JUDGE,
    ROLE_POLICY,
    VERSION_STATUS_REJECTED,
    VERSION_STATUS_SERVING,
    GateFigure,
    GateReport,
    Manifest,
    Pointer,
    WeightsRecord,
)

STANDARD = "shop-support"


NOW = 1_790_000_000.0


def scored_group(
    history: History,
    name: str,
    scores: tuple[float, float],
    version: int = 1,
    at: float = NOW,
) -> JudgedGroup:
    """A group of two answers, in the history; returns it."""
    judged = group(name, ["a", "b"], policy_version=version, judge_version=1, standard_id=STANDARD)
    for judgement, score in zip(judged.judgements, scores, strict=True):
        judgement.score = score
    history.add_group(judged, at)
    return judged


def label(
    name: str,
    vote: Vote = VOTE_A,
    reason: str = RANDOM,
    labeler: str = "Ann",
    broken: tuple[list[str], list[str]] = ([], []),
) -> Preference:
    """Of the pair of a group."""
    return Preference(
        submission_id=f"of-{name}",
        labeler=labeler,
        vote=vote,
        marks_a=Marks(broken_criterion_ids=broken[0]),
        marks_b=Marks(broken_criterion_ids=broken[1]),
        comparison=Comparison(
            pair_id=f"{name}/0-1", group_id=name, standard_id=STANDARD, picked_because=reason
        ),
    )


def manifest(role, version: int, status=VERSION_STATUS_SERVING, passed: bool = True) -> Manifest:
    return Manifest(
        role=role,
        version=version,
        standard_id=STANDARD,
        status=status,
        created_at=NOW + 3600 * version,
        gate_report=GateReport(
            passed=passed,
            reason=f"The bound, 0.{5 + version}1, is above 0.52.",
            figures=[
                GateFigure(name="mean_auc", value=0.71, bound=0.61, threshold=0.52, passed=passed),
                GateFigure(name="agreement", value=0.6, passed=True),
            ],
        ),
    )


def gate(state: Autonomy, share: float) -> GateState:
    figures = [
        GateFigure(name="random_labels", value=120, passed=True),
        GateFigure(name="agreement", value=0.66, bound=0.58, threshold=0.6, passed=False),
    ]
    return GateState(
        standard_id=STANDARD,
        state=state,
        judge_version=2,
        label_share=share,
        report=GateReport(figures=figures),
    )


def in_force(history: History, role, version: int) -> None:
    history.apply_weights(WeightsRecord(manifest=manifest(role, version)))
    history.apply_weights(WeightsRecord(pointer=Pointer(role=role, version=version, epoch=version)))


def days_of(history: History, now: float) -> None:
    """320 labels, two judges, nine policies."""
    chance = random.Random(1)
    for number in range(320):
        version = 1 + number // 40
        scores = chance.random() * (0.3 + version / 15), chance.random() * (0.3 + version / 15)
        scored_group(history, f"g{number}", scores, version, now - 900 * (320 - number))
        better = 1 if scores[0] > scores[1] else 2
        right = chance.random() < 0.6 + number / 1600
        rules = ["names_product", "asks_order_number", "polite", "short"]
        broken = [r for r in rules if chance.random() < 0.7 - number / 700]
        history.add_label(
            label(
                f"g{number}",
                better if right else 3 - better,
                RANDOM if number % 3 else DISAGREEMENT,
                chance.choice(["Ann", "Bob", "Cleo"]),
                (broken, broken[:1]),
            ),
            now - 900 * (320 - number),
        )
    in_force(history, ROLE_JUDGE, 1)
    in_force(history, ROLE_JUDGE, 2)
    for version in range(1, 9):
        in_force(history, ROLE_POLICY, version)
    rejected = manifest(ROLE_POLICY, 9, VERSION_STATUS_REJECTED, passed=False)
    rejected.gate_report.reason = "A loss of 0.1 cannot be ruled out."
    history.apply_weights(WeightsRecord(manifest=rejected))
