"""The judge's process, killed where it hurts and fed what it cannot read."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaProducer
from tests.chaos.judge_process import places
from tests.chaos.rollouts import committed, rollout, send, tiny_trunk
from tests.chaos.service import Service
from tests.unit.judge.judge_versions import fit, groups, publish
from tests.unit.reward.tiny import VOCABULARY

from ratchet.process.config import KafkaSettings
from ratchet.reward.trunk import Trunk
from ratchet.stream.producer import Producer
from ratchet.stream.reader import Reader
from ratchet.stream.topics import DEAD_LETTERS, JUDGEMENTS, ROLLOUTS
from ratchet.v1.weights_pb2 import Pointer, Role
from ratchet.weights.announcer import Announcer
from ratchet.weights.registry import Registry

GROUPS = groups(5, VOCABULARY, seed=1)


@pytest.fixture(scope="module")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_trunk(tmp_path_factory.mktemp("trunk"))


@pytest.fixture
def judge(kafka: KafkaSettings, trunk: Path, tmp_path: Path) -> Iterator[Service]:
    """Not started; version 1 is announced."""
    registry, loaded = Registry(tmp_path / "registry"), Trunk(trunk)
    manifest = publish(registry, loaded.sha256, 1, fit(loaded))
    producer = Producer(kafka, "test")
    announcer = Announcer(producer, registry)
    announcer.announce(manifest)
    announcer.point(Pointer(role=Role.ROLE_JUDGE, version=1, epoch=1, floor_version=1))
    producer.close()
    settings = {
        **places(registry, trunk),
        "context_tokens": 64,
        "kafka": kafka.model_dump(exclude_defaults=True),
    }
    service = Service("judge", tmp_path / "judge", settings)
    yield service
    service.stop()


def until_judged(kafka: KafkaSettings, judge: Service, count: int) -> list[str]:
    reader = Reader(kafka, [JUDGEMENTS], "test", None)
    found: list[str] = []

    def look() -> bool | None:
        found.extend(record.value.group.group_id for record in reader.poll(0.5))
        return len(found) >= count or None

    judge.until(look)
    reader.close()
    return found


@pytest.mark.parametrize("place", ["after-produce", "after-offsets", "after-commit"])
def test_killed_in_a_transaction_each_group_is_judged_once(
    kafka: KafkaSettings, judge: Service, place: str
) -> None:
    send(kafka, ROLLOUTS, [(f"p0-{i}", rollout(f"p0-{i}", GROUPS[i])) for i in range(4)])
    judge.start(failpoint=f"judge-{place}")
    assert judge.exit_code() == -signal.SIGKILL
    done = {judged.group.group_id for judged in committed(kafka, JUDGEMENTS)}
    assert bool(done) == (place == "after-commit")

    judge.start()
    send(kafka, ROLLOUTS, [("p0-4", rollout("p0-4", GROUPS[4]))])
    until_judged(kafka, judge, 5)
    judged = committed(kafka, JUDGEMENTS)
    assert [each.group.group_id for each in judged] == [f"p0-{i}" for i in range(5)]
    assert {each.judge_version for each in judged} == {1}
    assert not any(j.HasField("error") for each in judged for j in each.judgements)


def test_bytes_that_do_not_parse_become_a_dead_letter_and_delay_nobody(
    kafka: KafkaSettings, judge: Service
) -> None:
    raw = KafkaProducer(bootstrap_servers=kafka.bootstrap_servers)
    junk = raw.send(f"{kafka.topic_prefix}rollouts", key=b"junk", value=b"\xff\xfe not a group")
    junk_offset = junk.get(timeout=30).offset
    raw.close()
    send(kafka, ROLLOUTS, [("p0-0", rollout("p0-0", GROUPS[0]))])
    judge.start()
    assert until_judged(kafka, judge, 1) == ["p0-0"]
    [letter] = committed(kafka, DEAD_LETTERS)
    assert (letter.topic, letter.partition, letter.offset) == ("rollouts", 0, junk_offset)
    assert letter.value == b"\xff\xfe not a group"
    assert letter.reason
    assert judge.metric("ratchet_stream_dead_letters_total", topic="rollouts") == 1
