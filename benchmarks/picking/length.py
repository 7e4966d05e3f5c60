"""`python -m benchmarks.picking.length`: agreement where the length is taken out of the score."""

import argparse
from pathlib import Path
from statistics import fmean

import torch

from benchmarks.picking.answers import read_answers
from benchmarks.picking.course import controlled
from ratchet.local.cache import default_model

LABELS = 180


def main() -> None:
    """Prints, for each seed, the slope and agreement with gold without and with control."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.picking.length", description=__doc__
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--answers-seed", type=int, default=100, help="of the first answers")
    parser.add_argument("--cache", type=Path, default=Path("bench-results/picking"), metavar="DIR")
    parser.add_argument("--model", type=Path, default=default_model(), metavar="DIR")
    a = parser.parse_args()
    torch.set_num_threads(1)
    answers = read_answers(a.model, a.cache, a.answers_seed)
    gains: list[float] = []
    for seed in range(a.seeds):
        slope, before, after = controlled(answers, seed, LABELS)
        gains.append(after - before)
        print(
            f"seed {seed}: slope {slope:+.3f}, {before:.3f} without, {after:.3f} with", flush=True
        )
    print(f"mean change of agreement: {fmean(gains):+.3f}")


if __name__ == "__main__":
    main()
