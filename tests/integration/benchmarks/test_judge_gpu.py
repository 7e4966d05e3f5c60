import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

MODULE = [sys.executable, "-m", "benchmarks.judge_gpu"]
ROOT = Path(__file__).parents[3]
# Compiling takes longer than all the rest.
ENVIRONMENT = {**os.environ, "PYTHONPATH": "services:.", "TORCH_COMPILE_DISABLE": "1"}


@pytest.mark.slow
def test_the_whole_benchmark_runs_without_a_gpu_on_a_tiny_model(tmp_path: Path) -> None:
    options = ["--sizes", "tiny", "--runs", "1", "--seconds", "0.01", "--clients", "2"]
    places = ["--out", str(tmp_path), "--commit", "abc"]
    done = subprocess.run(
        [*MODULE, *options, *places], env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((tmp_path / "judge_gpu.json").read_text())
    assert result["matrix_tflops"] > 0
    rows = {row["name"]: row for row in result["rows"]}
    lengths = [f"tiny {n} {what}" for n in (300, 500, 1000) for what in ("sequences", "tokens")]
    served = [f"tiny 300 served, {n} a call" for n in (1, 8)]
    assert {*lengths, *served, "tiny mixed lengths", "tiny groups of 8"} <= set(rows)
    assert all(row["value"] > 0 and row["ratio"] > 0 for row in rows.values())
    assert {row["commit"] for row in rows.values()} == {"abc"}


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_no_large_model_is_tried_without_a_gpu(tmp_path: Path) -> None:
    done = subprocess.run(
        [*MODULE, "--out", str(tmp_path)], env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "no GPU" in done.stderr
