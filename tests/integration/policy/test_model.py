"""The policy's model with the real vLLM: answers, log-probabilities, swaps under load."""

import asyncio
import statistics
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from ratchet.process.packed import unpack_f32, unpack_u32
from ratchet.v1.rollout_pb2 import Completion

if TYPE_CHECKING:
    from ratchet.policy.model import PolicyModel

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUESTIONS = [
    f"Hello, my {product} {problem}. What can I do?"
    for product in ("kettle", "lamp", "tent", "fan")
    for problem in ("arrived broken", "is missing a part")
]
MAX_TOKENS = 24


@pytest_asyncio.fixture(loop_scope="session")
async def version_1(model: "PolicyModel", model_folder: Path) -> AsyncIterator["PolicyModel"]:
    """The model with version 1 served, before the test and after it."""
    yield model
    if model.version != 1:
        await model.swap(model_folder, 1)


def prompts(model: "PolicyModel") -> list[tuple[int, ...]]:
    return [model.prompt_ids([("user", question)]) for question in QUESTIONS]


def spans(completion: Completion) -> list[tuple[int, int, int]]:
    return [(s.policy_version, s.start, s.end) for s in completion.weight_spans]


def reference(folder: Path) -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def log_probabilities(
    reference: Any, prompt: tuple[int, ...], answer: list[int], temperature: float
) -> list[float]:
    """Of each token of an answer, by a plain forward pass of transformers."""
    import torch

    ids_1T = torch.tensor([[*prompt, *answer]])
    with torch.inference_mode():
        logits_TV = reference(ids_1T).logits[0, len(prompt) - 1 : -1].float() / temperature
    picked_T1 = logits_TV.log_softmax(-1).gather(1, torch.tensor(answer).unsqueeze(1))
    return picked_T1.squeeze(1).tolist()


def greedy(reference: Any, prompt: tuple[int, ...], max_tokens: int) -> list[int]:
    import torch

    with torch.inference_mode():
        ids = reference.generate(
            torch.tensor([prompt]), max_new_tokens=max_tokens, do_sample=False, pad_token_id=2
        )
    return ids[0, len(prompt) :].tolist()


async def test_every_answer_carries_its_tokens_and_where_they_come_from(
    version_1: "PolicyModel",
) -> None:
    completions = await version_1.generate(prompts(version_1)[0], 4, MAX_TOKENS, 1.0)
    assert len(completions) == 4
    assert len({c.text for c in completions}) > 1, "samples of one prompt differ"
    for completion in completions:
        tokens = unpack_u32(completion.token_ids)
        assert 1 <= len(tokens) <= MAX_TOKENS
        assert len(unpack_f32(completion.log_probabilities)) == len(tokens)
        assert spans(completion) == [(1, 0, len(tokens))]
        ended = tokens[-1] == version_1.end_of_turn_id
        assert completion.finish_reason == ("stop" if ended else "length")
        assert "<|im_end|>" not in completion.text


async def test_a_seed_makes_answers_reproducible(version_1: "PolicyModel") -> None:
    prompt = prompts(version_1)[0]
    largest = 2**64 - 1
    first = await version_1.generate(prompt, 2, MAX_TOKENS, 1.0, seed=largest)
    again = await version_1.generate(prompt, 2, MAX_TOKENS, 1.0, seed=largest)
    assert [c.token_ids for c in first] == [c.token_ids for c in again]
    assert first[0].token_ids != first[1].token_ids


@pytest.mark.parametrize("temperature", [1.0, 0.7])
async def test_log_probabilities_are_those_that_transformers_computes(
    version_1: "PolicyModel", model_folder: Path, temperature: float
) -> None:
    plain = reference(model_folder)
    differences: list[float] = []
    for prompt in prompts(version_1)[:3]:
        for completion in await version_1.generate(prompt, 3, MAX_TOKENS, temperature):
            recomputed = log_probabilities(
                plain, prompt, unpack_u32(completion.token_ids), temperature
            )
            sampled = unpack_f32(completion.log_probabilities)
            differences += [abs(a - b) for a, b in zip(sampled, recomputed, strict=True)]
    assert statistics.median(differences) < 0.05
    assert max(differences) < 0.5


async def test_after_a_swap_tokens_are_those_of_a_fresh_load(
    version_1: "PolicyModel", model_folder: Path, changed_folder: Path
) -> None:
    asked = prompts(version_1)[:3]

    async def answers() -> list[list[int]]:
        completions = [(await version_1.generate(p, 1, MAX_TOKENS, 0.0))[0] for p in asked]
        return [unpack_u32(c.token_ids) for c in completions]

    before = await answers()
    await version_1.swap(changed_folder, 2)
    after = await answers()
    fresh = reference(changed_folder)
    assert after == [greedy(fresh, prompt, MAX_TOKENS) for prompt in asked]
    assert before != after, "else this test could not see a swap that changed nothing"
    await version_1.swap(model_folder, 1)
    assert await answers() == before


async def test_a_swap_under_load_drops_nothing_and_spans_say_who_sampled_what(
    version_1: "PolicyModel", model_folder: Path, changed_folder: Path
) -> None:
    long = 160
    calls = [
        asyncio.create_task(version_1.generate(prompt, 1, long, 1.0))
        for prompt in prompts(version_1)
    ]
    # One more shows that the others, which came before it, are being answered.
    await version_1.generate(prompts(version_1)[0], 1, 8, 1.0)
    assert not any(call.done() for call in calls)
    await version_1.swap(changed_folder, 2)
    completions = [completion for call in calls for completion in await call]

    assert len(completions) == 8
    assert version_1.version == 2
    old, new = reference(model_folder), reference(changed_folder)
    crossed = 0
    for prompt, completion in zip(prompts(version_1), completions, strict=True):
        tokens = unpack_u32(completion.token_ids)
        sampled = unpack_f32(completion.log_probabilities)
        assert completion.weight_spans[0].start == 0
        assert completion.weight_spans[-1].end == len(tokens)
        assert all(a.end == b.start for a, b in pairwise(completion.weight_spans))
        versions = [span.policy_version for span in completion.weight_spans]
        assert versions in ([1], [1, 2])
        crossed += versions == [1, 2]
        by_version = {
            1: log_probabilities(old, prompt, tokens, 1.0),
            2: log_probabilities(new, prompt, tokens, 1.0),
        }
        for version, start, end in spans(completion):
            differences = [abs(sampled[i] - by_version[version][i]) for i in range(start, end)]
            assert statistics.median(differences) < 0.05, f"version {version} sampled {start}:{end}"
    assert crossed, "no request was in flight: the test saw nothing"


async def test_two_swaps_at_once_end_with_the_later(
    version_1: "PolicyModel", model_folder: Path, changed_folder: Path
) -> None:
    await asyncio.gather(
        version_1.swap(changed_folder, 2),
        version_1.swap(model_folder, 3),
    )
    assert version_1.version == 3
    [completion] = await version_1.generate(prompts(version_1)[0], 1, 2, 0.0)
    assert spans(completion) == [(3, 0, 2)]
