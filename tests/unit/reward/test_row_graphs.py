"""Rows padded to the sizes of graphs; that a graph computes again what was captured needs a GPU."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.unit.judge.judge_versions import groups
from tests.unit.reward.dense_flash import dense_flash
from tests.unit.reward.test_classifier import VOCABULARY, by_transformers, save_llama

from ratchet.reward import classifier, varlen_attention
from ratchet.reward.classifier import Classifier, compiler_found
from ratchet.reward.packing import TokenGroup
from ratchet.reward.row_graphs import Replay, RowGraphs
from ratchet.reward.varlen_row import VarlenRow, lay_out

CPU = torch.device("cpu")


def computed_once(again: Replay) -> Replay:
    """Captures nothing."""
    again()
    return again


class Recorder:
    """Keeps the rows that were computed."""

    def __init__(self, max_tokens: int, context_tokens: int = 10_000) -> None:
        self.rows: list[VarlenRow] = []
        self.graphs = RowGraphs(self._compute, max_tokens, context_tokens, CPU, computed_once)

    def _compute(self, row: VarlenRow) -> torch.Tensor:
        self.rows.append(row)
        return row.last_tokens_N[:, None]

    def row(self, *lengths: int) -> VarlenRow | None:
        """Of whole sequences."""
        asked = [TokenGroup((1,), ((2,) * (length - 1),)) for length in lengths]
        return self.rows[-1] if self.graphs.outputs(lay_out(asked)) is not None else None


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder(4096)


@pytest.mark.parametrize(
    ("lengths", "tokens", "longest"),
    [
        ((2,), 512, 512),
        ((300, 200), 512, 512),
        ((300, 213), 640, 512),
        ((600,), 640, 1024),
        ((100,) * 9, 1280, 512),
        ((100,) * 20, 2560, 512),
        ((10,) * 6, 768, 512),
        ((3, 1500, 2000), 3584, 2048),
        ((4096,), 4096, 4096),
    ],
)
def test_a_row_is_padded_to_the_smallest_graph_that_holds_it(
    recorder: Recorder, lengths: tuple[int, ...], tokens: int, longest: int
) -> None:
    row = recorder.row(*lengths)
    assert row is not None
    assert row.token_ids_1T.shape == (1, tokens)
    pieces = tokens // 128
    ends = np.cumsum((0, *lengths)).tolist()
    behind = [ends[-1]] * (pieces - len(lengths))
    assert row.cumulative_C.tolist() == [*ends, *behind, 0, 0]
    assert row.sizes.tolist()[:2] == [pieces, 0]
    assert row.sizes.tolist()[4] == longest


@pytest.mark.parametrize("lengths", [(4097,), (2000, 2000, 97), (2,) * 33, (40,) * 20])
def test_a_larger_row_has_none_nor_one_of_many_short_pieces(
    recorder: Recorder, lengths: tuple[int, ...]
) -> None:
    assert recorder.row(*lengths) is None


def test_nor_has_a_shared_prompt(recorder: Recorder) -> None:
    assert recorder.graphs.outputs(lay_out([TokenGroup((1,), ((2,), (3,)))])) is None


def test_no_graph_is_made_for_pieces_beyond_the_context() -> None:
    assert {row.sizes.tolist()[4] for row in Recorder(4096, 1000).rows} == {512, 1024}


@pytest.mark.skipif(not compiler_found(), reason="there is no C++ compiler")
def test_outputs_are_those_of_transformers_compiled_once_for_all_sizes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(varlen_attention, "fits", lambda *_: True)
    monkeypatch.setattr(varlen_attention, "flash", dense_flash)
    replays: list[Replay] = []

    def capture() -> Callable[[Replay], Replay]:
        def captured(again: Replay) -> Replay:
            again()

            def replay() -> torch.Tensor:
                replays.append(again)
                return again()

            return replay

        return captured

    monkeypatch.setattr(classifier, "CudaCapture", capture)
    folder = save_llama(tmp_path)
    judge = Classifier.load(folder, torch.float32, compiled=True, graph_tokens=700)
    with torch.compiler.set_stance("fail_on_recompile"):
        for count in (1, 2, 5):
            asked = groups(count, VOCABULARY, seed=count, n=1)
            theirs = by_transformers(folder, asked)
            for ours, alone in zip(judge.outputs(asked), theirs, strict=True):
                np.testing.assert_allclose(ours, alone, rtol=1e-4, atol=1e-6)
    assert len(replays) == 3


def test_a_model_that_cannot_be_captured_runs_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_: object) -> None:
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(varlen_attention, "fits", lambda *_: True)
    monkeypatch.setattr(varlen_attention, "flash", dense_flash)
    monkeypatch.setattr(classifier, "CudaCapture", lambda: refuse)
    folder = save_llama(tmp_path)
    asked = groups(3, VOCABULARY, n=1)
    found = Classifier.load(folder, torch.float32, graph_tokens=700).outputs(asked)
    for ours, theirs in zip(found, by_transformers(folder, asked), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
    assert "without CUDA graphs" in caplog.text
