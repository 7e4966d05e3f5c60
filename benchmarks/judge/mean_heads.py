"""Heads to measure with: they look at the mean states of an answer alone.

So a contender that has no other features than these scores the same.
"""

from pathlib import Path

import numpy as np

from ratchet.demo.shop_standard import shop_standard
from ratchet.reward.fit import COPIES
from ratchet.reward.heads import Heads, HeadsSettings
from ratchet.reward.sentences import Sentences, own_features, sentences_of
from ratchet.reward.tokens import ChatTokenizer


def mean_heads(folder: Path, hidden_size: int) -> Heads:
    """Heads of random weights for the demo's standard, in the size that the learner fits."""
    criteria = shop_standard().criteria
    tokenizer = ChatTokenizer(folder)
    sentences = sentences_of(
        shop_standard(), lambda text: tokenizer.completion_ids(text, finished=False)
    )
    seen_F = features_of(np.ones((1, 2, hidden_size)), sentences)[0]
    draw = np.random.default_rng(0)

    def weights(*heads: int) -> np.ndarray:
        drawn = draw.normal(size=(*heads, len(seen_F) + 1)) / hidden_size
        return (drawn * np.append(seen_F, 0)).astype(np.float32)

    settings = HeadsSettings(
        standard_id=shop_standard().standard_id,
        standard_version=1,
        criterion_ids=tuple(criterion.criterion_id for criterion in criteria),
        criterion_weights=tuple(criterion.weight for criterion in criteria),
        known=(True,) * len(criteria),
        detection_rate=1.0,
        marked_answers=0,
        sentences=sentences,
    )
    tensors = {
        "mean_F": np.zeros_like(seen_F),
        "scale_F": np.ones_like(seen_F),
        "criteria_CKF": weights(len(criteria), COPIES + 1),
        "preference_KF": weights(COPIES + 1),
        "anchor_score_K": np.zeros(COPIES + 1, np.float32),
        "anchor_preference_K": np.zeros(COPIES + 1, np.float32),
    }
    return Heads(settings, tensors)


def features_of(means_n2H: np.ndarray, sentences: Sentences) -> np.ndarray:
    """A trunk's features [n, F] of which only the mean shallow and deep states are not 0."""
    n, _, hidden_size = means_n2H.shape
    features = 7 * hidden_size + 1 + sum(own_features(sentences))
    found_nF = np.zeros((n, features), np.float32)
    found_nF[:, :hidden_size] = means_n2H[:, 0]
    found_nF[:, 2 * hidden_size : 3 * hidden_size] = means_n2H[:, 1]
    return found_nF
