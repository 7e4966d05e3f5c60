"""Two simulated people who label what the pool offers them, and what a fit takes of it."""

from collections.abc import Mapping

import numpy as np

from ratchet.demo.erring_reader import ErringReader
from ratchet.demo.shop_standard import STANDARD_ID
from ratchet.feedback.comparison_pool import ComparisonPool
from ratchet.learner.judge_training import OUTCOMES
from ratchet.process.packed import unpack_u32
from ratchet.reward.marks import ComparedPair, MarkedAnswer, answer_id, prompt_key
from ratchet.v1.preference_pb2 import Comparison


class People:
    """They take turns, and err each in a way of their own."""

    def __init__(self, seed: int, features: Mapping[str, np.ndarray]) -> None:
        """`features`: of each group's two answers, by the group's id."""
        self._readers = [ErringReader(f"labeler-{i + 1}", seed) for i in range(2)]
        self._features = features
        self.marks: list[MarkedAnswer] = []
        self.votes: list[ComparedPair] = []
        self.read: list[tuple[Comparison, str]] = []
        """What was read, by whom."""

    @property
    def labels(self) -> int:
        """Pairs read so far; one that both have read counts twice."""
        return len(self.votes)

    def label(self, pool: ComparisonPool, up_to: int) -> None:
        """Label what is offered until there are so many labels in all.

        Raises:
            LookupError: nothing waits.
        """
        while self.labels < up_to:
            offers = (
                (reader, offer)
                for reader in (self._readers[(self.labels + turn) % 2] for turn in range(2))
                if (offer := pool.offer(STANDARD_ID, reader.name, 1)) is not None
            )
            reader, offer = next(offers, (None, None))
            if reader is None or offer is None:
                raise LookupError(f"nothing waits after {self.labels} labels")
            self._read(reader, offer.comparison)
            pool.label(offer.comparison, reader.name)
            self.read.append((offer.comparison, reader.name))

    def _read(self, reader: ErringReader, comparison: Comparison) -> None:
        prompt, features = comparison.prompt, self._features[comparison.group_id]
        key = prompt_key([(message.role, message.content) for message in prompt.messages])
        answers = (comparison.answer_a, comparison.answer_b)
        # The pool names the answers by their places in the group.
        places = [int(place) for place in comparison.pair_id.rpartition("/")[2].split("-")]
        for place, answer in zip(places, answers, strict=True):
            ids = unpack_u32(answer.token_ids)
            self.marks.append(
                MarkedAnswer(
                    answer_id=answer_id(unpack_u32(comparison.prompt_token_ids), ids),
                    prompt_key=key,
                    labeler=reader.name,
                    features=features[place],
                    broken=frozenset(reader.marks(prompt, answer).broken_criterion_ids),
                    tokens=len(ids),
                )
            )
        self.votes.append(
            ComparedPair(
                prompt_key=key,
                features_a=features[places[0]],
                features_b=features[places[1]],
                outcome=OUTCOMES.get(reader.vote(comparison), 0.5),
                text_a=answers[0].text,
                text_b=answers[1].text,
                labeler=reader.name,
            )
        )
