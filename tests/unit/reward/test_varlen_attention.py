from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.judge.judge_versions import groups
from tests.unit.reward.dense_flash import dense_flash
from tests.unit.reward.test_classifier import VOCABULARY, by_transformers, save_llama

from ratchet.reward import varlen_attention
from ratchet.reward.classifier import Classifier, compiler_found
from ratchet.reward.packing import TokenGroup
from ratchet.reward.varlen_row import VarlenRow, lay_out

HEADS, SHARED_HEADS, SIZE = 4, 2, 8

some_ids = st.lists(st.integers(0, 9), min_size=1, max_size=6).map(tuple)
some_groups = st.lists(
    st.builds(TokenGroup, some_ids, st.lists(some_ids, min_size=1, max_size=4).map(tuple)),
    min_size=1,
    max_size=5,
)


@pytest.fixture
def on_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """The path of CUDA, with all of it but the kernel."""
    monkeypatch.setattr(varlen_attention, "fits", lambda *_: True)
    monkeypatch.setattr(varlen_attention, "flash", dense_flash)


def varlen_row(groups: list[TokenGroup]) -> VarlenRow:
    layout = lay_out(groups)
    return layout.row(layout.numbers_I)


@given(some_groups)
def test_every_completion_ends_where_its_last_token_lies(asked: list[TokenGroup]) -> None:
    row = varlen_row(asked)
    lasts = [(len(g.prompt_ids + ids) - 1, ids[-1]) for g in asked for ids in g.completion_ids]
    found = (
        ids_1T[0, row.last_tokens_N].tolist() for ids_1T in (row.position_ids_1T, row.token_ids_1T)
    )
    assert list(zip(*found, strict=True))[: len(lasts)] == lasts


@settings(deadline=None, max_examples=50)
@given(some_groups, st.integers(0, 99))
def test_two_calls_are_the_attention_of_each_sequence_alone(
    asked: list[TokenGroup], seed: int
) -> None:
    torch.manual_seed(seed)
    tables = [torch.randn(10, 12, heads, SIZE).double() for heads in (HEADS, 2, 2)]
    row = varlen_row(asked)
    query_1HTD, key_1GTD, value_1GTD = (
        table[row.token_ids_1T, row.position_ids_1T].transpose(1, 2) for table in tables
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(varlen_attention, "flash", dense_flash)
        out_1THD, _ = varlen_attention.attend(
            None,
            query_1HTD,
            key_1GTD,
            value_1GTD,
            None,
            cumulative_C=row.cumulative_C,
            sizes=row.sizes,
            scaling=0.5,
        )
    sequences = [(ids, g.prompt_ids + ids) for g in asked for ids in g.completion_ids]
    for (ids, sequence), last in zip(sequences, row.last_tokens_N.tolist(), strict=False):
        states = [table[list(sequence), range(len(sequence))].transpose(0, 1) for table in tables]
        alone_HTD = torch.nn.functional.scaled_dot_product_attention(
            *states, is_causal=True, scale=0.5, enable_gqa=True
        )
        torch.testing.assert_close(
            out_1THD[0, last + 1 - len(ids) : last + 1].transpose(0, 1),
            alone_HTD[:, -len(ids) :],
        )


@pytest.mark.parametrize("n", [1, 2, 5])
def test_outputs_are_those_of_each_answer_alone_in_transformers(
    tmp_path: Path, on_cpu: None, n: int
) -> None:
    folder = save_llama(tmp_path)
    asked = [*groups(3, VOCABULARY, seed=n, n=n), *groups(2, VOCABULARY, seed=9, n=1)]
    found = Classifier.load(folder, torch.float32).outputs(asked)
    for ours, theirs in zip(found, by_transformers(folder, asked), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.skipif(not compiler_found(), reason="there is no C++ compiler")
def test_compiled_layers_say_the_same_and_are_compiled_once_for_all_lengths(
    tmp_path: Path, on_cpu: None
) -> None:
    folder = save_llama(tmp_path)
    compiled = Classifier.load(folder, torch.float32, compiled=True)
    compiled.outputs(groups(2, VOCABULARY, seed=0, n=2))
    with torch.compiler.set_stance("fail_on_recompile"):
        for n in (1, 2, 5):
            asked = groups(6, VOCABULARY, seed=n, n=n)
            for ours, theirs in zip(
                compiled.outputs(asked), by_transformers(folder, asked), strict=True
            ):
                np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_the_kernel_takes_what_it_is_given_and_says_its_log_sum_exp_by_heads() -> None:
    """By torch's description of the operator: the kernel itself needs a GPU."""

    def states(tokens: int, heads: int) -> torch.Tensor:
        return torch.empty(tokens, heads, 64, dtype=torch.bfloat16, device="meta")

    cumulative = torch.empty(4, dtype=torch.int32, device="meta")
    out_QHD, lse_HQ = varlen_attention.flash(
        states(30, 6), states(20, 2), states(20, 2), (cumulative, cumulative), (12, 9), False, 0.1
    )
    assert out_QHD.shape == (30, 6, 64)
    assert lse_HQ.shape == (6, 30)


def test_a_window_is_refused() -> None:
    row = varlen_row([TokenGroup((1,), ((2,),))])
    states = [torch.zeros(1, 1, 2, 8)] * 3
    with pytest.raises(ValueError, match="plain causal"):
        varlen_attention.attend(
            None,
            *states,
            None,
            cumulative_C=row.cumulative_C,
            sizes=row.sizes,
            scaling=1.0,
            sliding_window=4,
        )


@pytest.mark.parametrize("group", [TokenGroup((), ((1,),)), TokenGroup((1,), ((2,), ()))])
def test_a_group_without_tokens_is_refused(group: TokenGroup) -> None:
    with pytest.raises(ValueError, match="at least one token"):
        lay_out([group])
