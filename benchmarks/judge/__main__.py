"""`python -m benchmarks.judge`: every row of the judge's table, or some parts of it."""

import argparse
import importlib
from collections.abc import Callable
from pathlib import Path

from benchmarks.judge.reward_model import make_reward_model
from benchmarks.judge.setting import Setting
from benchmarks.row import Row, write
from ratchet.local.cache import default_model

PARTS = {
    "offline": "benchmarks.judge.offline:offline_rows",
    "trunk": "benchmarks.judge.trunk:trunk_rows",
    "prefixes": "benchmarks.judge.prefixes:prefix_rows",
    "front": "benchmarks.judge.front:front_rows",
    "served": "benchmarks.judge.served:served_rows",
    "overload": "benchmarks.judge.overload:overload_rows",
}


def main() -> None:
    """Measures, prints each row, and writes all of them after each part."""
    parser = argparse.ArgumentParser(prog="make bench-judge", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--conversations", type=int, default=256)
    parser.add_argument("--groups", type=int, default=32)
    parser.add_argument("--batch-tokens", type=int, default=4096, help="of our batches")
    parser.add_argument("--out", type=Path, default=Path("bench-results"), metavar="DIR")
    a = parser.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    # Always in the same place, by which vLLM finds what it compiled for it.
    model = a.out.resolve() / "reward-model"
    make_reward_model(default_model(), model)
    setting = Setting(model, a.out, a.conversations, a.groups, a.batch_tokens)
    for part in a.only:
        rows += _load(PARTS[part])(setting)
        write(rows, a.out / "judge.json", dtype=setting.dtype)


def _load(name: str) -> Callable[[Setting], list[Row]]:
    module, function = name.split(":")
    return getattr(importlib.import_module(module), function)


if __name__ == "__main__":
    main()
