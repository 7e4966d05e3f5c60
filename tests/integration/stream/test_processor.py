import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ratchet.process.config import KafkaSettings
from ratchet.stream.processor import OutcomeUnknown, TransactionalProcessor
from ratchet.stream.producer import Producer
from ratchet.stream.reader import Reader
from ratchet.stream.topics import PROMPTS, ROLLOUTS
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import RolloutGroup

SERVICES = Path(__file__).parents[3] / "services"

WORKER = """
import os, sys
from ratchet.process.config import KafkaSettings
from ratchet.stream.processor import TransactionalProcessor
from ratchet.stream.topics import PROMPTS, ROLLOUTS
from ratchet.v1.rollout_pb2 import RolloutGroup
kafka = KafkaSettings(bootstrap_servers=sys.argv[1], topic_prefix=sys.argv[2])
processor = TransactionalProcessor(kafka, PROMPTS, ROLLOUTS, "judge", "judge", "judge-0")
while not (records := processor.poll(1.0)):
    pass
processor.commit([(each.key, RolloutGroup(group_id=each.key)) for each in records])
"""


def processor_of(kafka: KafkaSettings) -> TransactionalProcessor[Prompt, RolloutGroup]:
    return TransactionalProcessor(kafka, PROMPTS, ROLLOUTS, "judge", "judge", "judge-0")


def produce(kafka: KafkaSettings, *prompt_ids: str) -> None:
    producer = Producer(kafka, "test")
    for each in prompt_ids:
        producer.send(PROMPTS, each, Prompt(prompt_id=each)).wait()
    producer.close()


def poll(processor: TransactionalProcessor[Prompt, RolloutGroup], count: int) -> list[str]:
    keys: list[str] = []
    while len(keys) < count:
        keys += [each.key for each in processor.poll(1.0)]
    return keys


def group(key: str) -> tuple[str, RolloutGroup]:
    return key, RolloutGroup(group_id=key)


def outputs_of(kafka: KafkaSettings) -> list[str]:
    reader = Reader(kafka, [ROLLOUTS], "test", None)
    keys: list[str] = []
    while not reader.caught_up():
        keys += [each.key for each in reader.poll(0.5)]
    reader.close()
    return keys


def test_a_restart_goes_on_after_what_was_committed(kafka: KafkaSettings):
    produce(kafka, "a", "b")
    processor = processor_of(kafka)
    assert poll(processor, 2) == ["a", "b"]
    processor.commit([group("a"), group("b")])
    produce(kafka, "c")
    assert poll(processor, 1) == ["c"]
    processor.close()  # "c" was polled and not committed

    processor = processor_of(kafka)
    assert poll(processor, 1) == ["c"]
    processor.commit([group("c")])
    processor.close()
    assert outputs_of(kafka) == ["a", "b", "c"]


@pytest.mark.parametrize("failpoint", ["after-produce", "after-offsets", "after-commit"])
def test_killed_anywhere_each_input_has_one_output(kafka: KafkaSettings, failpoint: str):
    produce(kafka, "a")
    worker = [sys.executable, "-c", WORKER, kafka.bootstrap_servers, kafka.topic_prefix]
    environ = {
        **os.environ,
        "PYTHONPATH": str(SERVICES),
        "RATCHET_FAILPOINT": f"judge-{failpoint}",
    }
    assert subprocess.run(worker, env=environ).returncode == -signal.SIGKILL
    produce(kafka, "b")

    processor = processor_of(kafka)
    wanted = ["b"] if failpoint == "after-commit" else ["a", "b"]
    polled = poll(processor, len(wanted))
    assert polled == wanted
    processor.commit([group(each) for each in polled])
    processor.close()
    assert outputs_of(kafka) == ["a", "b"]


def test_who_was_replaced_cannot_commit(kafka: KafkaSettings):
    produce(kafka, "a")
    old = processor_of(kafka)
    poll(old, 1)
    new = processor_of(kafka)
    with pytest.raises(OutcomeUnknown):
        old.commit([group("a")])
    assert outputs_of(kafka) == []
    assert poll(new, 1) == ["a"]
    new.commit([group("a")])
    assert outputs_of(kafka) == ["a"]
    new.close()
    old.close()


def test_outputs_without_inputs_are_refused(kafka: KafkaSettings):
    processor = processor_of(kafka)
    processor.commit([])
    with pytest.raises(ValueError, match="nothing was polled"):
        processor.commit([group("a")])
    processor.close()
