"""Judge and learner on a GPU, without vLLM and Kafka: the same numbers as on the CPU."""

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import grpc
import numpy as np
import pytest
import torch
from tests.unit.judge.judge_versions import fit, groups, publish
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from ratchet.judge.config import JudgeSettings
from ratchet.judge.service import serve
from ratchet.learner.model import PolicyTrainer, TrainingGroup
from ratchet.learner.trainer_settings import TrainerSettings
from ratchet.reward.packing import TokenGroup
from ratchet.reward.trunk import Trunk
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.judge_service_pb2 import ScoreItem, ScoreRequest
from ratchet.v1.judge_service_pb2_grpc import JudgeServiceStub
from ratchet.weights.registry import Registry

T = TypeVar("T")
CHAT = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:"
LETTERS = "abcdefghijklmnopqrstuvwxyz :\n"
PORT = 50951


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SmolLM2-135M's shape with random weights, and a tokenizer that knows letters."""
    folder = tmp_path_factory.mktemp("base")
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=49152,
        hidden_size=576,
        intermediate_size=1536,
        num_hidden_layers=30,
        num_attention_heads=9,
        num_key_value_heads=3,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
    )
    LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    letters = Tokenizer(models.BPE())
    letters.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    letters.train_from_iterator([LETTERS], trainers.BpeTrainer(special_tokens=["<end>"]))
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=letters, eos_token="<end>", chat_template=CHAT
    )
    wrapped.save_pretrained(folder)
    return folder


def on_cpu(make: Callable[[], T], monkeypatch: pytest.MonkeyPatch) -> T:
    with monkeypatch.context() as patch:
        patch.setattr(torch.cuda, "is_available", lambda: False)
        return make()


def seconds(work: Callable[[], Any]) -> float:
    """Median of seven, after one that warms up."""
    taken: list[float] = []
    for _ in range(8):
        torch.cuda.synchronize()
        started = time.perf_counter()
        work()
        torch.cuda.synchronize()
        taken.append(time.perf_counter() - started)
    return float(np.median(taken[1:]))


def training_groups(count: int, vocabulary: int) -> list[TrainingGroup]:
    """Prompts of 70 tokens, eight answers of 60 each, as the demo has them."""
    random = np.random.default_rng(0)

    def ids(length: int) -> tuple[int, ...]:
        return tuple(map(int, random.integers(1, vocabulary, length)))

    return [
        TrainingGroup(
            TokenGroup(ids(70), tuple(ids(60) for _ in range(8))),
            tuple(np.full(60, -10.8, np.float32) for _ in range(8)),
            tuple(map(float, random.random(8))),
        )
        for _ in range(count)
    ]


def test_neither_vllm_nor_kafka_is_needed() -> None:
    assert torch.cuda.is_available()
    assert not {"vllm", "kafka"} & set(sys.modules)


def test_features_are_those_of_the_cpu(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gpu, cpu = Trunk(base), on_cpu(lambda: Trunk(base), monkeypatch)
    asked = groups(16, gpu.vocabulary)
    for ours, theirs in zip(gpu.features(asked), cpu.features(asked), strict=True):
        assert np.linalg.norm(ours - theirs) < 2e-3 * np.linalg.norm(theirs)


def test_an_update_is_that_of_the_cpu(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = TrainerSettings(row_tokens=4096)
    asked = training_groups(2, 49152)
    gpu = PolicyTrainer(base, settings)
    cpu = on_cpu(lambda: PolicyTrainer(base, settings), monkeypatch)
    for _ in range(2):
        ours, theirs = gpu.update(asked), cpu.update(asked)
        assert ours.loss == pytest.approx(theirs.loss, abs=2e-3)
        assert ours.gradient_norm == pytest.approx(theirs.gradient_norm, rel=0.02)
    tokens = [group.tokens for group in asked]
    before = np.abs(gpu.log_probabilities(tokens, 1.0) - cpu.log_probabilities(tokens, 1.0))
    assert np.median(before) < 1e-2


def test_what_it_keeps_goes_on_bit_for_bit(base: Path, tmp_path: Path) -> None:
    asked = training_groups(2, 49152)
    trainer = PolicyTrainer(base, TrainerSettings())
    trainer.update(asked)
    trainer.save(tmp_path)
    again = PolicyTrainer(base, TrainerSettings())
    again.load(tmp_path)
    tokens = [group.tokens for group in asked]
    assert np.array_equal(
        trainer.log_probabilities(tokens, 1.0), again.log_probabilities(tokens, 1.0)
    )
    trainer.export(tmp_path)
    loaded = LlamaForCausalLM.from_pretrained(tmp_path)
    assert all(torch.isfinite(p).all() for p in loaded.parameters())


def test_the_judge_serves_over_grpc(base: Path, tmp_path: Path) -> None:
    registry, trunk = Registry(tmp_path), Trunk(base)
    manifest = publish(registry, trunk.sha256, 1, fit(trunk))
    settings = JudgeSettings(
        port=PORT,
        metrics_port=0,
        registry=tmp_path,
        trunk=base,
        rollouts=False,
        version_folder=registry.folder(manifest.role, 1),
    )
    items = [
        ScoreItem(messages=[Message(role="user", content="my lamp")], completion="sorry " * n)
        for n in range(1, 33)
    ]

    async def ask() -> list[float]:
        stop = asyncio.Event()
        serving = asyncio.create_task(serve(settings, stop))
        async with grpc.aio.insecure_channel(f"127.0.0.1:{PORT}") as channel:
            call = JudgeServiceStub(channel).Score
            response = await call(ScoreRequest(items=items), timeout=120, wait_for_ready=True)
        stop.set()
        await serving
        return [item.judgement.score for item in response.items]

    scores = asyncio.run(ask())
    assert len(set(scores)) > 1
    assert all(0 <= score <= 1 for score in scores)


def test_speed_is_told(base: Path) -> None:
    asked = training_groups(8, 49152)
    trainer, trunk = PolicyTrainer(base, TrainerSettings(row_tokens=8192)), Trunk(base)
    tokens = [group.tokens for group in asked]
    print(f"\n{torch.cuda.get_device_name()}, torch {torch.__version__}")
    print(f"update of 8 groups of 8: {seconds(lambda: trainer.update(asked)) * 1e3:.0f} ms")
    print(f"features of 64 answers: {seconds(lambda: trunk.features(tokens)) * 1e3:.0f} ms")
