"""The shop's prompts on their way into their topics."""

import itertools
import json
import random
from collections.abc import Sequence
from pathlib import Path

from ratchet.demo.evaluation import messages_of
from ratchet.demo.plan import ANSWERS_TO_LABEL, COMPLETIONS
from ratchet.demo.prompts import GATE, TRAIN, CustomerPrompt
from ratchet.demo.shop_standard import STANDARD_ID
from ratchet.stream.producer import Producer
from ratchet.stream.topics import PROMPTS, URGENT_PROMPTS, Topic
from ratchet.v1.prompt_pb2 import PURPOSE_LABEL, PURPOSE_TRAIN, Prompt, Purpose


class PromptFeed:
    """Sends training prompts in an order drawn from the seed, each once before any comes again."""

    def __init__(self, producer: Producer, seed: int) -> None:
        self._producer = producer
        self._prompts = itertools.cycle(training_order(seed))

    def to_label(self, count: int) -> None:
        """Prompts whose answers people are asked about."""
        self._send(URGENT_PROMPTS, count, PURPOSE_LABEL, ANSWERS_TO_LABEL)

    def to_train(self, count: int) -> None:
        """Prompts whose answers the policy learns from; it takes as many as it may."""
        self._send(PROMPTS, count, PURPOSE_TRAIN, COMPLETIONS)

    def _send(self, topic: Topic[Prompt], count: int, purpose: Purpose, samples: int) -> None:
        deliveries = [
            self._producer.send(
                topic,
                customer.prompt_id,
                Prompt(
                    prompt_id=customer.prompt_id,
                    messages=messages_of(customer),
                    standard_id=STANDARD_ID,
                    samples=samples,
                    purpose=purpose,
                ),
            )
            for customer in itertools.islice(self._prompts, count)
        ]
        for delivery in deliveries:
            delivery.wait()


def training_order(seed: int) -> list[CustomerPrompt]:
    """All training prompts, in the order that a seed draws."""
    order = list(TRAIN)
    random.Random(seed).shuffle(order)
    return order


def write_gate_prompts(path: Path, prompts: Sequence[CustomerPrompt] = GATE) -> None:
    """The learner's file of gate prompts."""
    rows = [{"prompt_id": prompt.prompt_id, "messages": prompt.messages} for prompt in prompts]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
