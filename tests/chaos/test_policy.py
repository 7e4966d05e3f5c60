"""The policy's process with the real vLLM: bad versions never reach it, good ones drop nothing."""

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.chaos.rollouts import committed, send
from tests.chaos.service import Service
from tests.real_kafka import fresh_topics
from transformers import LlamaConfig, LlamaForCausalLM

from ratchet.local.broker import Broker
from ratchet.local.cache import default_model
from ratchet.local.ports import free_ports
from ratchet.policy.environment import policy_environment
from ratchet.process.config import KafkaSettings
from ratchet.stream.producer import Producer
from ratchet.stream.topics import DEAD_LETTERS, PROMPTS, ROLLOUTS, URGENT_PROMPTS, WEIGHTS
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.policy_service_pb2 import GenerateRequest, GenerateResponse
from ratchet.v1.policy_service_pb2_grpc import PolicyServiceStub
from ratchet.v1.prompt_pb2 import Prompt, Purpose
from ratchet.v1.weights_pb2 import Manifest, Pointer, Role, WeightsRecord
from ratchet.weights.announcer import Announcer
from ratchet.weights.registry import Registry

POLICY = Role.ROLE_POLICY
Change = Callable[[dict[str, torch.Tensor]], None]


def save_small_llama(folder: Path) -> None:
    """Random weights of a shape that vLLM's kernels take, under the default model's tokenizer."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=49152,
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )
    LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    for path in default_model().iterdir():
        if path.name.startswith(("tokenizer", "chat_template")):
            shutil.copyfile(path, folder / path.name)


@dataclass
class Caller:
    """An app that asks all the while."""

    stub: PolicyServiceStub
    versions: list[int] = field(default_factory=list)
    failures: list[grpc.StatusCode] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def ask(self, max_tokens: int = 4) -> GenerateResponse:
        request = GenerateRequest(
            messages=[Message(role="user", content="Hello")], n=1, max_tokens=max_tokens
        )
        return self.stub.Generate(request, timeout=60)

    def __enter__(self) -> "Caller":
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.versions.append(self.ask().policy_version)
            except grpc.RpcError as error:
                self.failures.append(error.code())


class System:
    """A policy that serves version 1, and the hand that publishes."""

    def __init__(self, kafka: KafkaSettings, folder: Path) -> None:
        ports = free_ports()
        self.kafka = kafka
        self.registry = Registry(folder / "registry")
        self.producer = Producer(kafka, "test")
        self.announcer = Announcer(self.producer, self.registry)
        self.epoch = 0
        settings = {
            "port": ports["policy"],
            "metrics_port": ports["policy metrics"],
            "registry": folder / "registry",
            "kv_cache_gib": 0.25,
            "prompts_ahead": 2,
            "groups_per_version": 1,
            "stall_seconds": 3600,
            "kafka": kafka.model_dump(exclude_defaults=True),
        }
        self.service = Service("policy", folder / "policy", settings)
        staged = self.registry.stage(POLICY)
        save_small_llama(staged)
        self.first = self.registry.publish(staged, Manifest(role=POLICY, version=1))
        self.serve(self.first)

    def publish(self, version: int, change: Change) -> Manifest:
        """A version like the first, but for `change`."""
        staged, first = self.registry.stage(POLICY), self.registry.folder(POLICY, 1)
        for path in first.iterdir():
            if path.name not in ("manifest.json", "model.safetensors"):
                shutil.copyfile(path, staged / path.name)
        tensors = load_file(first / "model.safetensors")
        change(tensors)
        save_file(tensors, staged / "model.safetensors", metadata={"format": "pt"})
        return self.registry.publish(staged, Manifest(role=POLICY, version=version, parent=1))

    def serve(self, manifest: Manifest) -> Pointer:
        self.epoch += 1
        pointer = Pointer(role=POLICY, version=manifest.version, epoch=self.epoch, floor_version=1)
        self.announcer.announce(manifest)
        self.announcer.point(pointer)
        return pointer

    def until_rejected(self, count: int) -> None:
        self.service.until(
            lambda: (
                self.service.metric("ratchet_policy_swaps_total", result="rejected") >= count
                or None
            )
        )

    def until_served(self, caller: Caller, version: int) -> None:
        self.service.until(lambda: caller.ask().policy_version == version or None)


@pytest.fixture(scope="module")
def system(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    system = System(fresh_topics(broker), tmp_path_factory.mktemp("policy"))
    system.service.start(**policy_environment())
    yield system
    system.producer.close()
    system.service.stop()


@pytest.fixture
def caller(system: System) -> Caller:
    return Caller(PolicyServiceStub(system.service.until_serving()))


def scale(tensors: dict[str, torch.Tensor]) -> None:
    tensors["model.layers.0.mlp.down_proj.weight"] *= 3


def drop(tensors: dict[str, torch.Tensor]) -> None:
    del tensors["model.layers.1.self_attn.q_proj.weight"]


def reshape(tensors: dict[str, torch.Tensor]) -> None:
    name = "model.layers.1.self_attn.q_proj.weight"
    tensors[name] = tensors[name][:64].clone()


def not_a_number(tensors: dict[str, torch.Tensor]) -> None:
    tensors["model.layers.0.input_layernorm.weight"][3] = float("nan")


def test_what_is_damaged_is_rejected_and_the_old_version_serves_on(
    system: System, caller: Caller
) -> None:
    flipped, cut = system.publish(2, scale), system.publish(3, scale)
    path = system.registry.folder(POLICY, 2) / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1000] ^= 1
    path.write_bytes(data)
    path = system.registry.folder(POLICY, 3) / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-4096])
    bad = [
        flipped,
        cut,
        system.publish(4, drop),
        system.publish(5, reshape),
        system.publish(6, not_a_number),
    ]
    with caller:
        for number, manifest in enumerate(bad, start=1):
            system.serve(manifest)
            system.until_rejected(number)
    assert caller.failures == []
    assert set(caller.versions) == {1}
    log = system.service.log.read_text()
    for version in range(2, 7):
        assert f"version {version} is rejected" in log


def test_a_swap_under_load_drops_nothing_and_an_old_pointer_is_ignored(
    system: System, caller: Caller
) -> None:
    good = system.publish(7, scale)
    with ThreadPoolExecutor(8) as pool:
        # Long enough that the swap comes while they are in flight.
        calls = [pool.submit(caller.ask, 400) for _ in range(8)]
        pointer = system.serve(good)
        system.until_served(caller, 7)
        answers = [call.result() for call in calls]
    spans = [
        [(s.policy_version, s.start, s.end) for s in a.completions[0].weight_spans] for a in answers
    ]
    assert all(span[0][1] == 0 for span in spans)
    assert any([version for version, *_ in span] == [1, 7] for span in spans), spans

    # Version 1 is announced again, as it was, and then something new: all of it was read.
    old = Pointer(role=POLICY, version=1, epoch=1, floor_version=1)
    system.producer.send(WEIGHTS, "policy", WeightsRecord(pointer=old)).wait()
    newer = system.serve(system.publish(8, scale))
    assert newer.epoch > pointer.epoch > old.epoch
    with caller:
        system.until_served(caller, 8)
    assert set(caller.versions) <= {7, 8}
    assert caller.failures == []


def test_training_prompts_that_may_not_be_answered_yet_hold_up_nobody(
    system: System, caller: Caller
) -> None:
    assert caller.ask()

    def prompt(name: str, purpose: Purpose) -> tuple[str, Prompt]:
        message = Message(role="user", content="Hello")
        return name, Prompt(
            prompt_id=name, messages=[message], standard_id="shop", samples=1, purpose=purpose
        )

    training = [prompt(f"train-{i}", Purpose.PURPOSE_TRAIN) for i in range(12)]
    send(system.kafka, PROMPTS, training)
    urgent = [prompt("lost", Purpose.PURPOSE_TRAIN), prompt("label", Purpose.PURPOSE_LABEL)]
    send(system.kafka, URGENT_PROMPTS, urgent)
    answered = system.service.until(
        lambda: [g for g in committed(system.kafka, ROLLOUTS) if g.group_id == "u0-1"] or None
    )
    assert answered[0].prompt.prompt_id == "label"
    rollouts = committed(system.kafka, ROLLOUTS)
    assert sum(g.group_id.startswith("p") for g in rollouts) < len(training), "they wait"
    [letter] = committed(system.kafka, DEAD_LETTERS)
    assert "purpose: training prompts belong in the topic `prompts`" in letter.reason
