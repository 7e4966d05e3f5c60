"""`make bench-critic`: which form of critique tells best what an answer breaks.

Learned from one erring reader's marks, tested by the truth on answers to other prompts. What a form
has said is kept in the folder: a run that is killed goes on.
docs/decisions/critic.md says what is compared.
"""

import argparse
import hashlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.critic import figures, heads, judges
from benchmarks.critic.adapter import Adapter
from benchmarks.critic.answers import Answers, answers
from benchmarks.critic.guided_json import GuidedJson
from benchmarks.critic.yes_no import YesNo
from benchmarks.recursion.gold_judge import GoldJudge
from ratchet.demo.report.machine import commit, machine
from ratchet.demo.shop_standard import SENTENCES
from ratchet.local.cache import default_model

HEADS = "heads on the policy's states"


def main() -> None:
    """Measures each form, prints its figures and writes critic.json."""
    parser = argparse.ArgumentParser(
        prog="make bench-critic",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", type=Path, default=default_model(), metavar="DIR")
    parser.add_argument("--answers", type=Path, default=Path("bench-results", "recursion"))
    parser.add_argument("--out", type=Path, default=Path("bench-results"), metavar="DIR")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--train", type=int, default=240, help="prompts, of two answers each")
    parser.add_argument("--test", type=int, default=128, help="prompts, of two answers each")
    parser.add_argument("--epochs", type=int, default=1, help="of the adapter; 0 leaves it out")
    a = parser.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    train, test = answers(a.model, a.answers, a.seed, a.train, a.test)
    said, seconds = _said(a, train, test)
    gold_N = np.concatenate(GoldJudge(a.model).gold(test.groups))
    scores = {name: figures.by_criteria(_chances(name, odds)) for name, odds in said.items()}
    scores |= judges.scores(a.model, a.out / "critic-features", train, test)
    auc, auc_beside = figures.figures(
        {name: figures.mean_auc(odds, test.broken_NC) for name, odds in said.items()},
        a.test,
        HEADS,
    )
    agreement, agreement_beside = figures.figures(
        {name: figures.agreement(score_N, gold_N) for name, score_N in scores.items()},
        a.test,
        "judge of votes, directly",
    )
    for title, found in (
        ("mean AUC", auc),
        (f"less {HEADS}", auc_beside),
        ("agreement with gold", agreement),
        ("less the judge of votes", agreement_beside),
    ):
        print(title)
        for name, figure in found.items():
            print(f"  {name}: {figure}")
    result = {
        "machine": machine(),
        "commit": commit(),
        "model": a.model.name,
        "seed": a.seed,
        "train_answers": 2 * a.train,
        "test_answers": 2 * a.test,
        "broken": dict(zip(SENTENCES, test.broken_NC.mean(axis=0).tolist(), strict=True)),
        "auc": {n: asdict(f) for n, f in auc.items()},
        "auc_less_heads": {n: asdict(f) for n, f in auc_beside.items()},
        "auc_by_criterion": {
            name: dict(
                zip(SENTENCES, map(_or_none, figures.aucs(odds, test.broken_NC)), strict=True)
            )
            for name, odds in said.items()
        },
        "agreement": {n: asdict(f) for n, f in agreement.items()},
        "agreement_less_votes": {n: asdict(f) for n, f in agreement_beside.items()},
        "seconds_an_answer": seconds,
    }
    (a.out / "critic.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _or_none(auc: float) -> float | None:
    """Of a criterion that all answers break, or none."""
    return None if math.isnan(auc) else auc


def _said(
    a: argparse.Namespace, train: Answers, test: Answers
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """What each form says of the test answers [N, C], and how long that took it."""
    forms: dict[str, Callable[[], Callable[[], np.ndarray]]] = {
        HEADS: lambda: _heads(a, train, test),
        "yes or no, by token probabilities": lambda: _asked(YesNo(a.model), test),
        "guided JSON": lambda: _asked(GuidedJson(a.model), test),
    }
    if a.epochs:
        forms["yes or no, by an adapter"] = lambda: _adapted(a, train, test)
    said: dict[str, np.ndarray] = {}
    seconds: dict[str, float] = {}
    for name, made in forms.items():
        path = a.out / f"critic-{_digest(a, name, train, test)}.npz"
        if not path.exists():
            ask = made()
            began = time.perf_counter()
            found_NC = ask()
            aside = path.with_suffix(".aside.npz")
            np.savez(aside, said=found_NC, seconds=time.perf_counter() - began)
            aside.rename(path)
        with np.load(path) as kept:
            said[name], seconds[name] = kept["said"], float(kept["seconds"]) / len(kept["said"])
    return said, seconds


def _digest(a: argparse.Namespace, form: str, train: Answers, test: Answers) -> str:
    """Of all that a form's words depend on but its code."""
    known = repr((form, a.model, a.epochs, a.seed)).encode()
    groups = [group.SerializeToString(deterministic=True) for group in train.groups + test.groups]
    return hashlib.sha256(known + train.marked_NC.tobytes() + b"".join(groups)).hexdigest()[:16]


def _heads(a: argparse.Namespace, train: Answers, test: Answers) -> Callable[[], np.ndarray]:
    critic = heads.fitted(a.model, train, a.seed)
    return lambda: heads.broken(critic, test)


def _asked(critic: YesNo | GuidedJson | Adapter, test: Answers) -> Callable[[], np.ndarray]:
    return lambda: critic.broken(test.groups)


def _adapted(a: argparse.Namespace, train: Answers, test: Answers) -> Callable[[], np.ndarray]:
    adapter = Adapter(a.model, a.seed)
    adapter.fit(train, a.epochs)
    return _asked(adapter, test)


def _chances(name: str, said_NC: np.ndarray) -> np.ndarray:
    """Probabilities; the heads say them as they are."""
    return said_NC if name == HEADS else 1 / (1 + np.exp(-said_NC))


if __name__ == "__main__":
    main()
