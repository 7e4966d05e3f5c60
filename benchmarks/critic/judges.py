"""The loop's judges by the same readings: criterion by criterion, and directly by votes."""

from pathlib import Path

import numpy as np

from benchmarks.critic.answers import Answers
from benchmarks.recursion.arm import Reward
from benchmarks.recursion.judge import Judge
from ratchet.learner.config import JudgeSettings
from ratchet.reward.tokens import ChatTokenizer

NAMES = {
    "judge of marks, criterion by criterion": Reward.MARKS,
    "judge of votes, directly": Reward.VOTES,
    "mean of both": Reward.BOTH,
}


def scores(model: Path, features: Path, train: Answers, test: Answers) -> dict[str, np.ndarray]:
    """Of every test answer the score [N] by each judge."""
    found: dict[str, np.ndarray] = {}
    tokenizer = ChatTokenizer(model)
    for name, reward in NAMES.items():
        judge = Judge(model, features, tokenizer, JudgeSettings(), reward)
        judge.learn(train.preferences)
        judge.fit(1, seed=0)
        judged = judge.judge(test.groups)
        found[name] = np.array([j.score for group in judged for j in group.judgements])
    return found
