"""The judge's features of answers, read by its trunk and kept on disk."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from rich.progress import track

from ratchet.learner.feature_store import FeatureStore
from ratchet.process.lease import ComputeLease
from ratchet.reward.packing import TokenGroup
from ratchet.reward.sentences import Sentences, sentences_of
from ratchet.reward.tokens import ChatTokenizer
from ratchet.reward.trunk import Trunk
from ratchet.v1.standard_pb2 import Standard

PROMPT_TOKENS = 256
"""Of a longer prompt the end is read."""
ANSWER_TOKENS = 512
"""Of a longer answer the beginning is read."""
PROMPTS_AT_ONCE = 16

Asked = tuple[Sequence[tuple[str, str]], Sequence[str]]
"""The (role, content) pairs of a prompt, and answers to it."""


class Reader:
    """Reads by the trunk of a model; what was read once is not read again."""

    def __init__(self, model: Path, cache: Path) -> None:
        """Takes the model's folder in Hugging Face layout, and where features are kept."""
        self._tokenizer = ChatTokenizer(model)
        self._store = FeatureStore(cache, Trunk(model), ComputeLease(None))

    def sentences(self, standard: Standard) -> Sentences:
        """A standard's sentences as the trunk's tokens."""
        return sentences_of(standard, lambda text: self._tokenizer.completion_ids(text, False))

    def read(self, asked: Sequence[Asked], sentences: Sentences = ()) -> list[np.ndarray]:
        """For each prompt the features of its answers, float32 [n, F]."""
        groups = [self._group(messages, answers) for messages, answers in asked]
        missing = [group for group in groups if not self._store.has(group, sentences)]
        for chunk in track(list(_chunks(missing)), "reading", disable=not missing):
            self._store.features(chunk, sentences)
        return self._store.features(groups, sentences)

    def _group(self, messages: Sequence[tuple[str, str]], answers: Sequence[str]) -> TokenGroup:
        return TokenGroup(
            self._tokenizer.prompt_ids(messages)[-PROMPT_TOKENS:],
            tuple(self._tokenizer.completion_ids(text)[:ANSWER_TOKENS] for text in answers),
        )


def _chunks(groups: Sequence[TokenGroup]) -> Iterator[Sequence[TokenGroup]]:
    for start in range(0, len(groups), PROMPTS_AT_ONCE):
        yield groups[start : start + PROMPTS_AT_ONCE]
