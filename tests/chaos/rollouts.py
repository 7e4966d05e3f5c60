"""What the judge reads and writes, as the chaos tests produce and count it."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.unit.reward.tiny import save_tiny_llama
from transformers import AutoConfig

from ratchet.local.cache import default_model
from ratchet.process.config import KafkaSettings
from ratchet.process.packed import pack_f32, pack_u32
from ratchet.reward.packing import TokenGroup
from ratchet.stream.producer import Producer
from ratchet.stream.reader import Reader
from ratchet.stream.topics import Topic
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.prompt_pb2 import PURPOSE_TRAIN, Prompt
from ratchet.v1.rollout_pb2 import Completion, RolloutGroup, WeightSpan


def tiny_trunk(folder: Path) -> Path:
    """A trunk that loads at once, with the default model's tokenizer beside it."""
    save_tiny_llama(folder, vocabulary=AutoConfig.from_pretrained(default_model()).vocab_size)
    for path in default_model().iterdir():
        if path.name.startswith(("tokenizer", "chat_template")):
            shutil.copyfile(path, folder / path.name)
    return folder


def rollout(group_id: str, tokens: TokenGroup, standard_id: str = "shop") -> RolloutGroup:
    """A training group as the policy sends it."""
    return RolloutGroup(
        group_id=group_id,
        prompt=Prompt(
            prompt_id=group_id,
            messages=[Message(role="user", content=f"question {group_id}")],
            purpose=PURPOSE_TRAIN,
            standard_id=standard_id,
            samples=len(tokens.completion_ids),
        ),
        prompt_token_ids=pack_u32(tokens.prompt_ids),
        completions=[
            Completion(
                text=f"answer {i}",
                token_ids=pack_u32(ids),
                log_probabilities=pack_f32([-4.0] * len(ids)),
                weight_spans=[WeightSpan(policy_version=1, start=0, end=len(ids))],
                finish_reason="stop",
            )
            for i, ids in enumerate(tokens.completion_ids)
        ],
        temperature=1.0,
    )


def send(kafka: KafkaSettings, topic: Topic[Any], records: Iterable[tuple[str, Any]]) -> None:
    """Sends keys and values, and waits until they are safe."""
    producer = Producer(kafka, "test")
    for key, value in records:
        producer.send(topic, key, value).wait()
    producer.close()


def committed(kafka: KafkaSettings, topic: Topic[Any]) -> list[Any]:
    """All that readers of a topic see."""
    reader = Reader(kafka, [topic], "test", None)
    values: list[Any] = []
    while not reader.caught_up():
        values += [record.value for record in reader.poll(0.5)]
    reader.close()
    return values
