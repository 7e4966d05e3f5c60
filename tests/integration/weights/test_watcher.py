"""Following a pointer through the real Kafka."""

import queue
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.unit.weights.versions import publish

from ratchet.process.config import KafkaSettings
from ratchet.stream.producer import Producer
from ratchet.stream.topics import WEIGHTS
from ratchet.v1.weights_pb2 import Manifest, Pointer, Role, VersionStatus, WeightsRecord
from ratchet.weights.announcer import Announcer
from ratchet.weights.registry import Registry, VersionNotFound
from ratchet.weights.watcher import NOT_FOLLOWED, Watcher

POLICY = Role.ROLE_POLICY
PATIENCE_SECONDS = 30


class Learner:
    """The only one who announces."""

    def __init__(self, kafka: KafkaSettings, registry: Registry) -> None:
        self.producer = Producer(kafka, "test")
        self.registry = registry
        self.announcer = Announcer(self.producer, registry)

    def serve(self, version: int, epoch: int) -> None:
        self.announcer.announce(publish(self.registry, version))
        self.point(version, epoch)

    def point(self, version: int, epoch: int) -> None:
        self.announcer.point(Pointer(role=POLICY, version=version, epoch=epoch, floor_version=1))

    def say(self, record: WeightsRecord, key: str) -> None:
        """Without looking whether it is true."""
        self.producer.send(WEIGHTS, key, record).wait()


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path)


@pytest.fixture
def learner(kafka: KafkaSettings, registry: Registry) -> Iterator[Learner]:
    learner = Learner(kafka, registry)
    yield learner
    learner.producer.close()


@pytest.fixture
def watch(
    kafka: KafkaSettings, registry: Registry
) -> Iterator[Callable[..., tuple[Watcher, "queue.Queue[int]"]]]:
    """Starts a watcher; returns it and the versions that it hands over."""
    watchers: list[Watcher] = []

    def start(files_seconds: float = 30) -> tuple[Watcher, "queue.Queue[int]"]:
        found: queue.Queue[int] = queue.Queue()

        def take(_: Pointer, manifest: Manifest) -> None:
            found.put(manifest.version)

        watcher = Watcher(kafka, registry, POLICY, "test", take, files_seconds)
        watchers.append(watcher)
        watcher.start()
        return watcher, found

    yield start
    for watcher in watchers:
        watcher.close()


def test_who_comes_late_gets_the_newest_alone(learner: Learner, watch) -> None:
    learner.serve(1, epoch=1)
    learner.serve(2, epoch=2)
    watcher, found = watch()
    watcher.wait_caught_up(PATIENCE_SECONDS)
    assert found.get_nowait() == 2
    assert found.empty()


def test_an_older_pointer_is_ignored_and_a_rollback_with_a_new_epoch_is_not(
    learner: Learner, watch
) -> None:
    learner.serve(1, epoch=1)
    _, found = watch()
    assert found.get(timeout=PATIENCE_SECONDS) == 1
    learner.serve(2, epoch=2)
    assert found.get(timeout=PATIENCE_SECONDS) == 2
    learner.point(1, epoch=1)
    learner.point(1, epoch=2)
    learner.serve(3, epoch=3)
    assert found.get(timeout=PATIENCE_SECONDS) == 3, "the replays were passed over"
    learner.point(1, epoch=4)
    assert found.get(timeout=PATIENCE_SECONDS) == 1


def test_an_announcement_before_its_files_waits_then_complains_then_goes_on(
    learner: Learner, watch, registry: Registry, tmp_path: Path
) -> None:
    learner.serve(1, epoch=1)
    _, found = watch(files_seconds=0.5)
    assert found.get(timeout=PATIENCE_SECONDS) == 1
    late = publish(registry, 2)
    hidden = tmp_path / "hidden"
    registry.folder(POLICY, 2).rename(hidden)
    with pytest.raises(VersionNotFound):
        learner.point(2, epoch=2)
    before = NOT_FOLLOWED.labels("policy", "missing")._value.get()
    learner.say(WeightsRecord(manifest=late), "policy/2")
    pointer = Pointer(role=POLICY, version=2, epoch=2, floor_version=1)
    learner.say(WeightsRecord(pointer=pointer), "policy")

    second, found_by_second = watch(files_seconds=0.5)
    second.wait_caught_up(PATIENCE_SECONDS)
    assert NOT_FOLLOWED.labels("policy", "missing")._value.get() > before
    assert found.empty() and found_by_second.empty()
    hidden.rename(registry.folder(POLICY, 2))
    assert found.get(timeout=PATIENCE_SECONDS) == 2


def test_what_waits_to_be_proven_is_told_until_it_is_in_force(
    kafka: KafkaSettings, learner: Learner, registry: Registry, tmp_path: Path
) -> None:
    told: queue.Queue[str] = queue.Queue()
    watcher = Watcher(
        kafka,
        registry,
        POLICY,
        "test",
        lambda _, manifest: told.put(f"serve {manifest.version}"),
        on_candidate=lambda manifest: told.put(f"try {manifest.version if manifest else None}"),
    )

    def propose(version: int, status: int = VersionStatus.VERSION_STATUS_CANDIDATE) -> None:
        known = registry.is_known(POLICY, version)
        manifest = registry.manifest(POLICY, version) if known else publish(registry, version)
        manifest.status = status
        learner.announcer.announce(manifest)

    def then(expected: str) -> None:
        assert told.get(timeout=PATIENCE_SECONDS) == expected

    learner.serve(1, epoch=1)
    propose(2)
    watcher.start()
    try:
        then("serve 1")
        then("try 2")
        propose(3)
        then("try 3")
        learner.point(2, epoch=2)
        then("serve 2")
        learner.point(3, epoch=3)
        then("serve 3")
        then("try None")
        late = publish(registry, 4)
        late.status = VersionStatus.VERSION_STATUS_CANDIDATE
        registry.folder(POLICY, 4).rename(tmp_path / "hidden")
        learner.say(WeightsRecord(manifest=late), "policy/4")
        learner.point(2, epoch=4)
        then("serve 2")
        (tmp_path / "hidden").rename(registry.folder(POLICY, 4))
        then("try 4")
        propose(4, VersionStatus.VERSION_STATUS_REJECTED)
        # What waits now is 3 again, which was announced and never proven.
        then("try 3")
    finally:
        watcher.close()
