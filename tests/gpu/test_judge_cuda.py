"""The judge's row of groups on CUDA: its kernel and its outputs, against dense ones."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.unit.judge.judge_versions import groups
from tests.unit.reward.dense_flash import dense_flash
from tests.unit.reward.test_classifier import by_transformers
from transformers import Qwen3Config, Qwen3ForSequenceClassification

from ratchet.reward import varlen_attention
from ratchet.reward.classifier import Classifier
from ratchet.reward.packing import TokenGroup

VOCABULARY = 997

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="flash attention's kernel runs on CUDA alone"
)


def save_qwen(folder: Path, layers: int, positions: int) -> Path:
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=VOCABULARY,
        hidden_size=256,
        intermediate_size=512,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=64,
        max_position_embeddings=positions,
        pad_token_id=0,
        num_labels=3,
    )
    Qwen3ForSequenceClassification(config).to(torch.bfloat16).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_qwen(tmp_path_factory.mktemp("model"), layers=4, positions=128)


@pytest.mark.parametrize("head", [64, 128])
@pytest.mark.parametrize(("causal", "key_lengths"), [(True, (1, 200, 37)), (False, (300, 5, 64))])
def test_the_kernel_computes_what_the_dense_one_does(
    head: int, causal: bool, key_lengths: tuple[int, ...]
) -> None:
    torch.manual_seed(0)
    lengths = (1, 200, 37), key_lengths
    query_QHD, key_KGD, value_KGD = (
        torch.randn(sum(tokens), heads, head, dtype=torch.bfloat16)
        for tokens, heads in zip((lengths[0], key_lengths, key_lengths), (6, 2, 2), strict=True)
    )
    cumulative = tuple(
        torch.tensor([0, *np.cumsum(each).tolist()], dtype=torch.int32) for each in lengths
    )
    longest = max(lengths[0]), max(key_lengths)
    found = varlen_attention.flash(
        *(states.cuda() for states in (query_QHD, key_KGD, value_KGD)),
        (cumulative[0].cuda(), cumulative[1].cuda()),
        longest,
        causal,
        head**-0.5,
    )
    wanted = dense_flash(
        *(states.double() for states in (query_QHD, key_KGD, value_KGD)),
        (cumulative[0], cumulative[1]),
        longest,
        causal,
        head**-0.5,
    )
    for ours, dense in zip(found, wanted, strict=True):
        assert ours.shape == dense.shape
        assert (ours.cpu().double() - dense).norm() < 1e-2 * dense.norm()


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("graph_tokens", [0, 4096])
def test_outputs_move_by_less_than_a_twentieth_of_their_deviation(
    folder: Path, compiled: bool, graph_tokens: int
) -> None:
    judge = Classifier.load(folder, torch.bfloat16, compiled=compiled, graph_tokens=graph_tokens)
    judge.outputs(groups(2, VOCABULARY, seed=9, n=2))
    with torch.compiler.set_stance("fail_on_recompile"):
        for n in (1, 2, 5):
            asked = [*groups(20, VOCABULARY, seed=n, n=n), *groups(3, VOCABULARY, seed=8, n=1)]
            ours = np.concatenate(judge.outputs(asked))
            theirs = np.concatenate(by_transformers(folder, asked))
            assert (abs(ours - theirs).mean(axis=0) < 0.05 * theirs.std(axis=0)).all()


def test_in_float32_rows_are_padded_and_say_the_same(folder: Path) -> None:
    judge = Classifier.load(folder, torch.float32)
    asked = groups(6, VOCABULARY, n=3)
    for ours, theirs in zip(judge.outputs(asked), by_transformers(folder, asked), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=5e-3, atol=1e-4)


def test_rows_behind_the_last_piece_reach_no_other() -> None:
    torch.manual_seed(0)
    states = [torch.randn(300, heads, 64, dtype=torch.bfloat16).cuda() for heads in (6, 2, 2)]
    for each in states:
        each[237:] = torch.nan
    ends = torch.tensor([0, 200, 237, 237], dtype=torch.int32).cuda()
    out_QHD, lse_HQ = varlen_attention.flash(*states, (ends, ends), (512, 512), True, 0.1)
    assert out_QHD[:237].isfinite().all()
    assert lse_HQ[:, :237].isfinite().all()


@pytest.mark.parametrize("length", [40, 600, 1500, 3001])
def test_graphs_of_all_sizes_say_what_no_graph_says(tmp_path: Path, length: int) -> None:
    save_qwen(tmp_path, layers=2, positions=4096)
    random = np.random.default_rng(length)
    asked = [
        TokenGroup((1,), (tuple(map(int, random.integers(1, VOCABULARY, length - i % 8))),))
        for i in range(4000 // length)
    ]
    graphs, plain = (
        np.concatenate(Classifier.load(tmp_path, torch.bfloat16, graph_tokens=n).outputs(asked))
        for n in (4096, 0)
    )
    assert (abs(graphs - plain).mean(axis=0) < 0.05 * plain.std(axis=0) + 1e-2).all()


def test_passes_that_begin_before_the_last_was_read_are_told_apart(folder: Path) -> None:
    judge = Classifier.load(folder, torch.bfloat16, graph_tokens=4096)
    asked = [groups(4, VOCABULARY, seed=seed, n=n) for seed, n in ((1, 1), (2, 1), (3, 2), (4, 1))]
    finish = [judge.begin(batch) for batch in asked]
    for batch, read in zip(asked, finish, strict=True):
        for begun, alone in zip(read(), judge.outputs(batch), strict=True):
            np.testing.assert_array_equal(begun, alone)
