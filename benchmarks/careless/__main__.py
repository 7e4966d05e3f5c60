"""`make bench-careless`: a judge's agreement with gold, where some marks are wrong on purpose.

docs/labels.md says what came out.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from statistics import fmean

import numpy as np

from benchmarks.careless.readings import CARELESS, HONEST, READINGS, readings
from benchmarks.critic.answers import Answers, answers
from benchmarks.critic.figures import Figure, Statistic, agreement, figures
from benchmarks.recursion.gold_judge import GoldJudge
from benchmarks.recursion.judge import first_standard
from ratchet.critic.marked_answers import marked_answers
from ratchet.demo.report.machine import commit, machine
from ratchet.learner.training_groups import token_group
from ratchet.local.cache import default_model
from ratchet.reward.fit import fit_heads
from ratchet.reward.sentences import sentences_of
from ratchet.reward.tokens import ChatTokenizer
from ratchet.reward.trunk import Trunk


def main() -> None:
    """Fits a judge by each sort of marks, prints its figures, writes careless.json."""
    parser = argparse.ArgumentParser(
        prog="make bench-careless",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", type=Path, default=default_model(), metavar="DIR")
    parser.add_argument("--answers", type=Path, default=Path("bench-results", "recursion"))
    parser.add_argument("--answers-seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("bench-results"), metavar="DIR")
    parser.add_argument("--draws", type=int, default=5, help="of labelers' errors")
    parser.add_argument("--train", type=int, default=240, help="prompts, of two answers each")
    parser.add_argument("--test", type=int, default=128, help="prompts, of two answers each")
    a = parser.parse_args()
    train, test = answers(a.model, a.answers, a.answers_seed, a.train, a.test)
    gold_N = np.concatenate(GoldJudge(a.model).gold(test.groups))
    scores, weights = _scores(a.model, train, test, a.draws)
    shares, beside = figures(
        {name: _mean_agreement(by_draw, gold_N) for name, by_draw in scores.items()},
        a.test,
        HONEST,
    )
    for name, share in shares.items():
        print(f"{name}: {share}; {_less(beside, name)}; weight {fmean(weights[name]):.2f}")
    result = {
        "machine": machine(),
        "commit": commit(),
        "draws": a.draws,
        "agreement": {name: vars(share) for name, share in shares.items()},
        "less_honest": {name: vars(share) for name, share in beside.items()},
        "weight_of_labeler_0": {name: fmean(found) for name, found in weights.items()},
    }
    a.out.mkdir(parents=True, exist_ok=True)
    (a.out / "careless.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _scores(
    model: Path, train: Answers, test: Answers, draws: int
) -> tuple[dict[str, list[np.ndarray]], dict[str, list[float]]]:
    """By the sort of marks, of each draw: the test answers' scores [N], and a labeler's weight."""
    trunk, tokenizer, standard = Trunk(model), ChatTokenizer(model), first_standard()
    sentences = sentences_of(standard, lambda text: tokenizer.completion_ids(text, finished=False))
    marked = marked_answers(train.preferences, trunk, sentences)
    features = trunk.features([token_group(group) for group in test.groups], sentences)
    scores: dict[str, list[np.ndarray]] = defaultdict(list)
    weights: dict[str, list[float]] = defaultdict(list)
    for draw in range(draws):
        for name, reading in READINGS.items():
            heads = fit_heads(readings(train, marked, draw, reading), [], standard, sentences, draw)
            scores[name].append(heads.score(np.concatenate(features)).score_n)
            weights[name] += [
                each.weight for each in heads.settings.labelers if each.name == CARELESS
            ]
    return scores, weights


def _mean_agreement(by_draw: list[np.ndarray], gold_N: np.ndarray) -> Statistic:
    statistics = [agreement(score_N, gold_N) for score_N in by_draw]
    return lambda prompts_n: fmean(statistic(prompts_n) for statistic in statistics)


def _less(beside: dict[str, Figure], name: str) -> str:
    return f"less the honest {beside[name]}" if name in beside else "the honest"


if __name__ == "__main__":
    main()
