from dataclasses import replace

import pytest
import torch
from benchmarks.judge.workload import Workload
from benchmarks.judge_gpu.size import SIZES
from torch.utils.flop_counter import FlopCounterMode


def test_the_floating_point_operations_are_those_that_torch_counts() -> None:
    size = replace(SIZES["tiny"], layers=3, heads=6, shared_heads=3)
    model = size.build(torch.device("cpu"), torch.float32).eval()
    model.set_attn_implementation("eager")
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model.base_model(input_ids=torch.arange(100, 140)[None], use_cache=False)
    # Eager attention computes what causal attention leaves out, and rotary angles besides.
    attention = size.flops(40) - 2 * size.parameters * 40
    assert counter.get_total_flops() == pytest.approx(size.flops(40) + attention, rel=1e-3)


def test_sizes_are_those_of_qwen3() -> None:
    """As its model cards give them, without embeddings."""
    found = {name: round(size.parameters / 1e9, 2) for name, size in SIZES.items()}
    assert (found["0.6B"], found["1.7B"], found["8B"]) == (0.44, 1.41, 6.95)


def test_a_workload_of_one_length_is_the_same_shared_or_not() -> None:
    shared = Workload("group", 3, 2, 113)
    assert all(len(ids) == 330 + 113 for ids in shared.sequences())
    assert replace(shared, kind="alone").sequences() == shared.sequences()
    assert len(replace(shared, kind="alone").groups()) == 16
    assert {len(ids) for ids in Workload("single", 0, 3, 500).sequences()} == {500}
