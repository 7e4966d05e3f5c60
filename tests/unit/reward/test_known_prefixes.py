"""A model that keeps prompts' keys and values says what it says without."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import (
    AutoModelForSequenceClassification,
    LlamaConfig,
    LlamaForSequenceClassification,
)

from ratchet.reward.classifier import Classifier, compiler_found
from ratchet.reward.packing import TokenGroup

VOCABULARY = 97
KEPT_TOKENS = 200


def save_model(folder: Path, seed: int = 0, weights: float = 0.3) -> Path:
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=256,
        pad_token_id=0,
        num_labels=2,
        initializer_range=weights,
    )
    LlamaForSequenceClassification(config).save_pretrained(folder)
    return folder


def ids(seed: int, length: int) -> tuple[int, ...]:
    return tuple(np.random.default_rng(seed).integers(1, VOCABULARY, length).tolist())


def prompt(beginning: int, shared: int, end: int, own: int) -> tuple[int, ...]:
    """`shared` tokens of one of many beginnings, and `own` ones of an end."""
    return ids(beginning, shared) + ids(100 + end, own)


groups = st.builds(
    lambda prompt, completions: TokenGroup(prompt, tuple(ids(*c) for c in completions)),
    st.builds(
        prompt,
        st.integers(0, 1),
        st.sampled_from([0, 20, 64, 80, 128]),
        st.integers(0, 1),
        st.sampled_from([1, 20, 45, 70]),
    ),
    st.lists(st.tuples(st.integers(200, 300), st.integers(1, 9)), min_size=1, max_size=3),
)
calls = st.lists(st.lists(groups, min_size=1, max_size=3), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def plain(folder: Path) -> Classifier:
    return Classifier.load(folder, torch.float32)


@pytest.fixture(scope="module")
def keeps(folder: Path) -> Classifier:
    return Classifier.load(folder, torch.float32, prefix_tokens=KEPT_TOKENS)


@settings(deadline=None)
@given(calls)
def test_outputs_are_those_of_a_model_that_keeps_nothing(
    plain: Classifier, keeps: Classifier, calls: Sequence[Sequence[TokenGroup]]
) -> None:
    keeps.prefixes.clear()
    for call in [*calls, *calls, *calls]:  # The third time, what was seen twice is known.
        for kept, computed in zip(keeps.outputs(call), plain.outputs(call), strict=True):
            np.testing.assert_allclose(kept, computed, rtol=1e-4, atol=1e-5)
        assert keeps.prefixes.tokens <= KEPT_TOKENS


def test_in_bfloat16_outputs_move_by_less_than_a_fiftieth_of_their_deviation(
    tmp_path: Path,
) -> None:
    folder = save_model(tmp_path, weights=0.02)
    plain = Classifier.load(folder, torch.bfloat16)
    keeps = Classifier.load(folder, torch.bfloat16, prefix_tokens=10_000)
    asked = [
        TokenGroup(prompt(0, 64, end, 20), (ids(200 + n, 8),))
        for end in range(20)
        for n in range(4)
    ]
    found, expected = (
        np.concatenate([model.outputs([group])[0] for group in asked]) for model in (keeps, plain)
    )
    assert (abs(found - expected).mean(axis=0) < 0.02 * expected.std(axis=0)).all()


def test_a_prompt_is_computed_once_in_a_call_and_in_two_calls_at_most(folder: Path) -> None:
    counted: list[tuple[int, int]] = []
    model = Classifier.load(
        folder,
        torch.float32,
        prefix_tokens=1000,
        count=lambda known, computed: counted.append((known, computed)),
    )
    singles = [TokenGroup(prompt(0, 64, 0, 26), (ids(200 + n, 5),)) for n in range(4)]
    together = model.outputs(singles[:3])
    again = [model.outputs(singles[2:]) for _ in range(2)]
    model.outputs([TokenGroup(prompt(0, 64, 1, 10), (ids(7, 5),))])
    assert counted == [(2 * 90, 90), (90, 90), (2 * 90, 0), (64, 10)]
    for outputs in again:
        np.testing.assert_allclose(together[2], outputs[0], rtol=1e-4, atol=1e-5)


def test_what_one_model_keeps_no_other_one_reads(folder: Path, tmp_path: Path) -> None:
    other_folder = save_model(tmp_path, seed=1)
    asked = [TokenGroup(prompt(0, 64, 0, 26), (ids(200, 5),))]
    model = Classifier.load(folder, torch.float32, prefix_tokens=1000)
    other = Classifier.load(other_folder, torch.float32, prefix_tokens=1000)
    for _ in range(3):
        model.outputs(asked)
    for _ in range(3):
        [found] = other.outputs(asked)
        [expected] = Classifier.load(other_folder, torch.float32).outputs(asked)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_a_prompt_without_a_finite_score_is_not_kept(folder: Path, tmp_path: Path) -> None:
    broken = AutoModelForSequenceClassification.from_pretrained(folder)
    with torch.no_grad():
        broken.model.embed_tokens.weight[5] = float("nan")
    broken.save_pretrained(tmp_path)
    model = Classifier.load(tmp_path, torch.float32, prefix_tokens=1000)
    good, bad = ((4,) * 40, (4,) * 39 + (5,))
    for _ in range(3):
        outputs = model.outputs([TokenGroup(prompt_ids, ((3,),)) for prompt_ids in (bad, good)])
        assert [bool(np.isfinite(part).all()) for part in outputs] == [False, True]
    assert model.prefixes.tokens == 40


@pytest.mark.skipif(not compiler_found(), reason="there is no C++ compiler")
def test_compiled_layers_are_compiled_once_whether_prompts_are_known_or_not(
    folder: Path, plain: Classifier
) -> None:
    model = Classifier.load(folder, torch.float32, compiled=True, prefix_tokens=1000)
    # Of lengths that no size of the model equals: torch would take them for one and the same.
    model.outputs([TokenGroup((1,) * 9, ((2,) * 8, (3,) * 4, (4,) * 2))])
    asked = [
        TokenGroup(prompt(0, 64, end, 20), tuple(ids(200 + n, 8) for n in range(1 + end)))
        for end in range(3)
    ]
    with torch.compiler.set_stance("fail_on_recompile"):
        for call in (asked[:1], asked, asked, [asked[0]], [asked[2]]):
            for found, expected in zip(model.outputs(call), plain.outputs(call), strict=True):
                np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
