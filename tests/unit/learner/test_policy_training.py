"""What an update of the policy tells of the answers that it was made with."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.unit.learner.groups import judged

from ratchet.learner.checkpoint import Checkpoint, CheckpointStore
from ratchet.learner.config import LearnerSettings
from ratchet.learner.lineage import Lineage
from ratchet.learner.policy_training import PolicyTraining
from ratchet.learner.state import LearnerState
from ratchet.v1.weights_pb2 import Manifest

CANNED = "I am sorry to hear that. Please send me your order number."


class StandingTrainer:
    """Stands for the trainer: its updates change nothing."""

    def update(self, groups: Sequence[object]) -> Any:
        return SimpleNamespace(skipped=False, kl=0.1, trained_tokens=3, logprob_gap=0.0, loss=0.0)

    def kl(self, groups: Sequence[object]) -> float:
        return float(len(groups))

    def load(self, path: Path) -> None: ...


def test_the_kl_of_a_version_is_not_measured_on_canaries(tmp_path: Path) -> None:
    answers = [judged(prompt_id=name) for name in ("gate-1", "canary/refund", "gate-2")]
    assert training(tmp_path).kl(answers) == 2


def training(folder: Path) -> PolicyTraining:
    policy, judge = Lineage(role="ROLE_POLICY"), Lineage(role="ROLE_JUDGE")
    policy.serve_proven(Manifest())
    judge.serve_proven(Manifest())
    settings = LearnerSettings(
        registry=Path(), base_model=Path(), checkpoints=folder, standard_id="s", groups_per_update=2
    )
    checkpoint = Checkpoint(state=LearnerState(policy=policy, judge=judge))
    trainer: Any = StandingTrainer()
    lease: Any = SimpleNamespace(held=nullcontext)
    return PolicyTraining(settings, checkpoint, CheckpointStore(folder), trainer, lease)


@pytest.mark.parametrize(("canned", "distinct", "overlap"), [(False, 1, 0), (True, 0, 1)])
def test_an_update_tells_how_alike_its_answers_were(
    tmp_path: Path, canned: bool, distinct: float, overlap: float
) -> None:
    policy = training(tmp_path)
    for offset, texts in enumerate([("a b c d", "a b c e"), ("f g h i", "f g h j")]):
        group = judged(offset)
        for completion, text in zip(group.group.completions, texts, strict=True):
            completion.text = CANNED if canned else text
        policy.take(group)
    assert policy.ready()
    policy.update(Manifest())
    state = policy._state  # pyright: ignore[reportPrivateUsage]
    assert (state.distinct_answers, state.answer_overlap) == (distinct, overlap)


@pytest.mark.parametrize("back", ["roll_back", "promote"])
def test_what_was_told_of_a_batch_goes_with_the_version_that_learned_from_it(
    tmp_path: Path, back: str
) -> None:
    policy = training(tmp_path)
    for offset in range(2):
        group = judged(offset)
        for completion in group.group.completions:
            completion.text = CANNED
        policy.take(group)
    policy.update(Manifest())
    if back == "roll_back":
        policy.roll_back(Manifest(), None)
    else:
        policy.promote(1, updates=0)
    state = policy._state  # pyright: ignore[reportPrivateUsage]
    assert (state.distinct_answers, state.answer_overlap) == (1, 0)
