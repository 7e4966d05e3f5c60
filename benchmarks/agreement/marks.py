"""The judge as people's marks alone teach it: a head a criterion, weighed by the standard."""

from collections.abc import Sequence

import numpy as np

from benchmarks.agreement.callers import Caller, Pairs
from benchmarks.agreement.question import Question
from ratchet.reward.fit import fit_heads
from ratchet.reward.marks import MarkedAnswer
from ratchet.reward.sentences import Sentences
from ratchet.v1.standard_pb2 import Standard


def by_marks(
    questions: Sequence[Question],
    features: Sequence[np.ndarray],
    standard: Standard,
    sentences: Sentences,
) -> Caller:
    """Learns from the marked answers of the pairs' prompts, and from no vote."""
    marks = [
        MarkedAnswer(
            answer_id=f"{question.key}/{i}",
            prompt_key=question.key,
            labeler="",
            features=features_nF[i],
            broken=broken,
            tokens=0,
        )
        for question, features_nF in zip(questions, features, strict=True)
        for i, broken in question.broken.items()
    ]

    def call(train: Pairs, asked: Pairs) -> np.ndarray:
        keys = {pair.prompt_key for pair in train}
        taught = [mark for mark in marks if mark.prompt_key in keys]
        heads = fit_heads(taught, [], standard, sentences, seed=0)
        score_a, score_b = (
            heads.score(np.stack(rows)).score_n
            for rows in (
                [pair.features_a for pair in asked],
                [pair.features_b for pair in asked],
            )
        )
        return score_a - score_b

    return call
