"""The learner's process, killed at every step of an update: it learns the same, bit for bit."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from tests.chaos.rollouts import committed, rollout, send, tiny_trunk
from tests.chaos.service import Service
from tests.real_kafka import fresh_topics
from tests.unit.judge.judge_versions import STANDARD, groups
from tests.unit.reward.tiny import VOCABULARY

from ratchet.learner.checkpoint import Checkpoint, CheckpointStore
from ratchet.local.broker import Broker
from ratchet.local.ports import free_ports
from ratchet.process.config import KafkaSettings
from ratchet.process.packed import pack_u32
from ratchet.reward.packing import TokenGroup
from ratchet.stream.reader import Reader
from ratchet.stream.topics import GATES, JUDGEMENTS, PREFERENCES, STANDARDS, WEIGHTS
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.gate_pb2 import AUTONOMY_ASSISTED, AUTONOMY_LEARNING
from ratchet.v1.judgement_pb2 import JudgedGroup, Judgement
from ratchet.v1.preference_pb2 import VOTE_A, VOTE_B, Comparison, Marks, Preference
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import Completion
from ratchet.v1.weights_pb2 import (
    ROLE_JUDGE,
    ROLE_POLICY,
    GetProgressRequest,
    PauseRequest,
    Pointer,
    SetUpdatesWantedRequest,
)
from ratchet.v1.weights_pb2_grpc import WeightsServiceStub
from ratchet.weights.ledger import Ledger
from ratchet.weights.registry import Registry

UPDATES, GROUPS_PER_UPDATE = 3, 2
LAST = 1 + UPDATES
"""The first policy is version 1."""


@dataclass
class Run:
    """A learner with everything that it needs to read, and where it leaves what it made."""

    kafka: KafkaSettings
    folder: Path
    service: Service

    @property
    def registry(self) -> Registry:
        return Registry(self.folder / "registry")

    def checkpoint(self) -> Checkpoint:
        found = CheckpointStore(self.folder / "checkpoints").load()
        assert found is not None
        return found

    def pointer(self) -> Pointer | None:
        """Of the policy, as readers of the topic see it now."""
        ledger = Ledger()
        for record in committed(self.kafka, WEIGHTS):
            ledger.apply(record)
        return ledger.pointers.get(ROLE_POLICY)

    def finish(self) -> "Learned":
        """Lets it go on to its last update, and stops it."""
        reader, ledger = Reader(self.kafka, [WEIGHTS], "test", None), Ledger()

        def look() -> bool | None:
            for record in reader.poll(0.5):
                ledger.apply(record.value)
            pointer = ledger.pointers.get(ROLE_POLICY)
            return True if pointer and pointer.version == LAST else None

        self.service.until(look)
        reader.close()
        self.service.stop()
        assert self.service.exit_code() == 0
        return learned(self)


@dataclass
class Learned:
    """What must come out the same."""

    digests: list[str]
    """sha256 of each policy version's weights"""
    trainer: dict[str, Any]
    trained: int
    discarded: int


def learned(run: Run) -> Learned:
    import torch

    manifests = [run.registry.manifest(ROLE_POLICY, version) for version in range(1, LAST + 1)]
    trainer = CheckpointStore(run.folder / "checkpoints").trainer(LAST) / "trainer.pt"
    state = run.checkpoint().state
    return Learned(
        [f.sha256 for m in manifests for f in m.files if f.path == "model.safetensors"],
        torch.load(trainer, weights_only=True),
        state.groups_trained,
        state.groups_discarded,
    )


def preferences(
    count: int = 60, first: int = 0, contrary: bool = False
) -> Iterator[tuple[str, Preference]]:
    """What a labeler without a fault says of pairs, or, but for the marks, the contrary."""
    for number, group in enumerate(groups(count, VOCABULARY, seed=3 + first), start=first):
        # One of 1 token and one of 9, in turns.
        answers = group.completion_ids[:3:2][:: 1 if number % 2 else -1]
        broken = [_broken(ids) for ids in answers]
        comparison = Comparison(
            pair_id=f"pair-{number}",
            prompt=Prompt(messages=[Message(role="user", content=f"question {number}")]),
            prompt_token_ids=pack_u32(group.prompt_ids),
            answer_a=Completion(text="a", token_ids=pack_u32(answers[0])),
            answer_b=Completion(text="b", token_ids=pack_u32(answers[1])),
            standard_id=STANDARD.standard_id,
            standard_version=STANDARD.version,
            picked_because="random",
        )
        yield (
            f"pair-{number}/ann",
            Preference(
                submission_id=f"s{number}",
                labeler="ann",
                vote=VOTE_A if (len(broken[0]) <= len(broken[1])) != contrary else VOTE_B,
                marks_a=Marks(broken_criterion_ids=broken[0]),
                marks_b=Marks(broken_criterion_ids=broken[1]),
                comparison=comparison,
            ),
        )


def _broken(ids: tuple[int, ...]) -> list[str]:
    tests = {"short": len(ids) > 5, "low": ids[0] > VOCABULARY / 2}
    return [name for name, breaks in tests.items() if breaks]


def judged(offset: int, tokens: TokenGroup) -> tuple[str, JudgedGroup]:
    group = rollout(f"p0-{offset}", tokens)
    scores = [(len(ids) % 7) / 7 for ids in tokens.completion_ids]
    judgements = [Judgement(score=score, spread=0.1) for score in scores]
    return group.group_id, JudgedGroup(
        group=group, judgements=judgements, judge_version=1, standard_version=STANDARD.version
    )


def training_groups(first: int = 0) -> list[tuple[str, JudgedGroup]]:
    """Enough for every update, of prompts from the `first` on."""
    tokens = groups(UPDATES * GROUPS_PER_UPDATE, VOCABULARY, seed=5)
    return [judged(first + i, each) for i, each in enumerate(tokens)]


def start(broker: Broker, trunk: Path, folder: Path, **more: Any) -> Run:
    """The topics are filled: enough groups for every update, and the second one twice."""
    kafka, records = fresh_topics(broker), training_groups()
    send(kafka, STANDARDS, [(f"{STANDARD.standard_id}/{STANDARD.version}", STANDARD)])
    send(kafka, PREFERENCES, preferences())
    send(kafka, JUDGEMENTS, [*records[:2], records[1], *records[2:]])
    ports = free_ports()
    settings = {
        "port": ports["learner"],
        "metrics_port": ports["learner metrics"],
        "registry": folder / "registry",
        "checkpoints": folder / "checkpoints",
        "base_model": trunk,
        "standard_id": STANDARD.standard_id,
        "groups_per_update": GROUPS_PER_UPDATE,
        "updates_wanted": UPDATES,
        # The groups are all there from the start, so the later ones are old.
        "max_staleness": 100,
        "keep_policies": 9,
        "kafka": kafka.model_dump(exclude_defaults=True),
        # The made-up log-probabilities are far from this policy's: no KL may hold its steps back.
        "trainer": {"learning_rate": 1e-2, "kl_limit": 1e6},
        "judge": {"first_marks": 100, "refit_marks": 1000, "fewest_held_out": 4},
        **more,
    }
    return Run(kafka, folder, Service("learner", folder / "learner", settings))


@pytest.fixture(scope="module")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_trunk(tmp_path_factory.mktemp("trunk"))


@pytest.fixture(scope="module")
def undisturbed(broker: Broker, trunk: Path, tmp_path_factory: pytest.TempPathFactory) -> Learned:
    """What a learner comes to that nobody kills."""
    run = start(broker, trunk, tmp_path_factory.mktemp("undisturbed"))
    run.service.start(OMP_NUM_THREADS="1")
    try:
        return run.finish()
    finally:
        run.service.stop()


@pytest.fixture
def run(broker: Broker, trunk: Path, tmp_path: Path) -> Iterator[Run]:
    run = start(broker, trunk, tmp_path)
    yield run
    run.service.stop()


def test_every_group_is_trained_once_also_one_that_came_twice(undisturbed: Learned) -> None:
    assert undisturbed.trained == UPDATES * GROUPS_PER_UPDATE
    assert undisturbed.discarded == 1
    assert len(set(undisturbed.digests)) == LAST, "every update changed the weights"


# Pass 1 of the registry is the first policy, 2 the judge, 3 the policy of the first update.
@pytest.mark.parametrize(
    "place",
    [
        "learner-after-step@2",
        "learner-after-checkpoint@3",
        "learner-before-announce@3",
        "registry-before-rename@3",
    ],
)
def test_killed_anywhere_it_learns_the_same_bit_for_bit(
    run: Run, undisturbed: Learned, place: str
) -> None:
    import torch

    run.service.start(place, OMP_NUM_THREADS="1")
    assert run.service.exit_code() == -signal.SIGKILL
    run.service.start(OMP_NUM_THREADS="1")
    again = run.finish()
    assert again.digests == undisturbed.digests
    assert (again.trained, again.discarded) == (undisturbed.trained, undisturbed.discarded)
    torch.testing.assert_close(again.trainer, undisturbed.trainer, rtol=0, atol=0)


def test_how_many_updates_are_wanted_can_be_changed_and_is_remembered(run: Run) -> None:
    run.service.start()
    run.finish()
    run.service.start()
    with run.service.until_serving() as channel:
        weights = WeightsServiceStub(channel)
        with pytest.raises(grpc.RpcError, match="updates_wanted"):
            weights.SetUpdatesWanted(SetUpdatesWantedRequest())
        assert weights.GetProgress(GetProgressRequest()).stage == "finished"
        weights.SetUpdatesWanted(SetUpdatesWantedRequest(updates_wanted=UPDATES + 1))
    run.service.stop()
    run.service.start()
    with run.service.until_serving() as channel:
        progress = WeightsServiceStub(channel).GetProgress(GetProgressRequest())
    assert progress.updates_wanted == UPDATES + 1
    assert progress.stage != "finished"


def test_killed_while_it_publishes_the_old_version_stays_served(run: Run) -> None:
    run.service.start("registry-before-rename@3", OMP_NUM_THREADS="1")
    assert run.service.exit_code() == -signal.SIGKILL
    pointer = run.pointer()
    assert pointer is not None
    assert pointer.version == 1
    assert run.registry.versions(ROLE_POLICY) == [1]
    assert run.registry.versions(ROLE_JUDGE) == [1]
    assert run.checkpoint().state.policy.serving == 2, "decided, and not yet known"


# As low as a dozen labels of the hold-out can prove.
LOW_GATE = {"enabled": True, "assisted_agreement": 0.5, "autonomous_agreement": 0.99, "floors": [],
            "calibration_error": 0.9, "position_flips": 0.9}  # fmt: skip


def test_behind_the_gate_no_score_trains_before_people_have_borne_the_judge_out(
    broker: Broker, trunk: Path, tmp_path: Path
) -> None:
    run = start(broker, trunk, tmp_path, gate=LOW_GATE)
    run.service.start()
    try:
        states = run.service.until(lambda: _states_up_to(AUTONOMY_ASSISTED, run.kafka))
        assert states[0] == AUTONOMY_LEARNING
        discarded = run.service.metric("ratchet_learner_groups_discarded_total", reason="learning")
        assert discarded == UPDATES * GROUPS_PER_UPDATE
        assert run.service.metric("ratchet_learner_updates_total") == 0
        send(run.kafka, JUDGEMENTS, training_groups(first=100))
        assert run.finish().trained == UPDATES * GROUPS_PER_UPDATE
    finally:
        run.service.stop()


def test_while_learning_is_paused_people_still_take_a_state_back(
    broker: Broker, trunk: Path, tmp_path: Path
) -> None:
    run = start(broker, trunk, tmp_path, gate=LOW_GATE)
    run.service.start()
    try:
        run.service.until(lambda: _states_up_to(AUTONOMY_ASSISTED, run.kafka))
        with run.service.until_serving() as channel:
            WeightsServiceStub(channel).Pause(PauseRequest())
        send(run.kafka, PREFERENCES, preferences(120, first=60, contrary=True))
        run.service.until(lambda: _newest_state(run.kafka) == AUTONOMY_LEARNING or None)
        assert run.checkpoint().state.paused
    finally:
        run.service.stop()


def _newest_state(kafka: KafkaSettings) -> int:
    return [record.state for record in committed(kafka, GATES)][-1]


def _states_up_to(state: int, kafka: KafkaSettings) -> list[int] | None:
    states = [record.state for record in committed(kafka, GATES)]
    return states if state in states else None
