"""How alike the answers to different prompts are."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from ratchet.demo.report.readings import Reading


def mean_similarity(readings: Sequence[Reading]) -> float:
    """Mean cosine of word counts over all pairs of answers to different prompts, 0 to 1.

    Plain counts (no weighting by rarity), so that it says the same before and after whatever else
    is in the sample.
    """
    vectorizer: Any = TfidfVectorizer(use_idf=False, token_pattern=r"\S+")
    try:
        vectors_nW = vectorizer.fit_transform([r.answer.text for r in readings])
    except ValueError:  # not one word in all answers
        return 1.0
    similarity_nn = (vectors_nW @ vectors_nW.T).toarray()
    prompts = np.array([reading.prompt.prompt_id for reading in readings])
    return float(similarity_nn[prompts[:, None] != prompts[None, :]].mean())
