"""`python -m benchmarks.judge_gpu`: every row of the judge on one GPU, or some parts of it.

It needs no network and no weights: models of Qwen3's sizes are made with random ones. On a machine
without our environment, from a copy of the working tree:

    PYTHONPATH=services:. python3 -m benchmarks.judge_gpu --out DIR --scratch DIR2 --commit COMMIT

docs/judge-gpu.md says what else such a machine must have, and what the figures are held against.
Without a GPU only `--sizes tiny` runs, to try the benchmark itself.
"""

import argparse
import importlib
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks.judge_gpu.matrix_rate import matrix_rate
from benchmarks.judge_gpu.setting import Setting
from benchmarks.judge_gpu.size import SIZES
from benchmarks.row import Row, write

PARTS = {
    "served": "benchmarks.judge_gpu.served:served_rows",
    "cross-encoder": "benchmarks.judge_gpu.cross_encoder:cross_encoder_rows",
    "offline": "benchmarks.judge_gpu.offline:offline_rows",
}


def main() -> int:
    """Measures, prints and writes each row; what fails is told, and the rest goes on."""
    parser = argparse.ArgumentParser(
        prog="make bench-judge-gpu",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["0.6B", "1.7B", "8B"])
    parser.add_argument("--lengths", nargs="+", type=int, default=[300, 500, 1000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5, help="of a run, about")
    parser.add_argument("--batch-tokens", type=int, default=16384)
    parser.add_argument("--clients", type=int, default=8, help="processes")
    parser.add_argument("--out", type=Path, default=Path("bench-results"), metavar="DIR")
    parser.add_argument("--scratch", type=Path, metavar="DIR", help="for a model and logs")
    parser.add_argument("--commit", help="where the tree is a copy without its history")
    a = parser.parse_args()
    if not torch.cuda.is_available() and a.sizes != ["tiny"]:
        parser.error("there is no GPU; `--sizes tiny` tries the benchmark without one")
    scratch: Path = a.scratch or a.out / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    sizes = tuple(SIZES[name] for name in a.sizes)
    setting = Setting(
        scratch, sizes, (*a.lengths,), a.runs, a.seconds, a.batch_tokens, a.clients, rate=1.0
    )
    rate = matrix_rate(setting.device, setting.dtype)
    first, sustained = (each / 1e12 for each in rate)
    print(f"matrix products: {first:.1f}, then {sustained:.1f} TFLOP/s", flush=True)
    setting = replace(setting, rate=rate.sustained)
    notes = {
        "dtype": str(setting.dtype).removeprefix("torch."),
        "matrix_tflops": sustained,
        "first_matrix_tflops": first,
    }
    failed: list[str] = []
    for part in a.only:
        started = time.perf_counter()
        try:
            for row in _load(PARTS[part])(setting):
                row = replace(row, commit=a.commit or row.commit)
                print(row, flush=True)
                write([row], a.out / "judge_gpu.json", **notes)
        except Exception:
            traceback.print_exc()
            failed.append(part)
        print(f"{part}: {time.perf_counter() - started:.0f} s", flush=True)
    if failed:
        print("failed:", *failed)
    return bool(failed)


def _load(name: str) -> Callable[[Setting], Iterator[Row]]:
    module, function = name.split(":")
    return getattr(importlib.import_module(module), function)


if __name__ == "__main__":
    raise SystemExit(main())
