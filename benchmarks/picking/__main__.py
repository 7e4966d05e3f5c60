"""`python -m benchmarks.picking`: labels needed to an agreement, by how the pairs are picked."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import torch

from benchmarks.picking.answers import read_answers
from benchmarks.picking.course import POOL_GROUPS, WAYS, Course, course
from benchmarks.picking.labels_needed import curve, gain, needed
from benchmarks.picking.plot import draw
from benchmarks.picking.table import tables
from ratchet.demo.report.machine import commit, machine
from ratchet.local.cache import default_model

CHOICES = {"half is labeled": False, "all that waits": True}
"""What a round picks from, and whether that is `wide`."""


def main() -> None:
    """Goes on where it was killed; writes rows and a picture."""
    parser = argparse.ArgumentParser(prog="make bench-picking", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument(
        "--wide-seeds", type=int, default=10, help="where all that waits is picked from"
    )
    parser.add_argument("--answers-seed", type=int, default=100, help="of the first answers")
    parser.add_argument("--cache", type=Path, default=Path("bench-results/picking"), metavar="DIR")
    parser.add_argument("--model", type=Path, default=default_model(), metavar="DIR")
    parser.add_argument("--out", type=Path, default=Path("bench-results"), metavar="DIR")
    a = parser.parse_args()
    torch.set_num_threads(1)  # the matrices of a fit are small: two threads wait for each other
    a.out.mkdir(parents=True, exist_ok=True)
    answers = read_answers(a.model, a.cache, a.answers_seed)
    result: dict[str, dict[str, object]] = {}
    for choice, wide in CHOICES.items():
        path = a.cache / f"courses-{'wide' if wide else 'stream'}.jsonl"
        done = _read(path)
        seeds = range(a.wide_seeds if wide else a.seeds)
        for way in WAYS:
            for seed in seeds:
                if any((each.way, each.seed) == (way, seed) for each in done):
                    continue
                done.append(course(answers, way, seed, wide))
                print(f"{choice}: {done[-1]}", flush=True)
                with path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(done[-1])) + "\n")
        if seeds:
            result[choice] = _figures([each for each in done if each.seed in seeds])
    whole = {
        "machine": machine(),
        "commit": commit(),
        "answers_seed": a.answers_seed,
        "prompts": len(answers.groups),
        "tested_on": len(answers.groups) - POOL_GROUPS,
        "choices": result,
    }
    (a.out / "picking.json").write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    draw(result, a.out / "picking.png")
    print(tables(result))


def _figures(courses: list[Course]) -> dict[str, object]:
    """Of one choice: curves, and each way against picking at random."""
    return {
        "seeds": len({course.seed for course in courses}),
        "labels": courses[0].labels,
        "agreement": {way: [asdict(f) for f in curve(courses, way)] for way in WAYS},
        "against random": {
            way: {
                "gain": {name: asdict(f) for name, f in gain(courses, way).items()},
                "labels needed": [asdict(each) for each in needed(courses, way)],
            }
            for way in WAYS
            if way != "random"
        },
    }


def _read(path: Path) -> list[Course]:
    if not path.exists():
        return []
    return [Course(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]


if __name__ == "__main__":
    main()
