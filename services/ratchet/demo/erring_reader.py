"""A person who reads answers by the gold checks, and errs."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from ratchet.demo.gold import broken_criteria, gold_score
from ratchet.demo.prompts import BY_ID, CustomerPrompt
from ratchet.demo.shop_standard import SENTENCES
from ratchet.v1.preference_pb2 import (
    VOTE_A,
    VOTE_B,
    VOTE_BOTH_BAD,
    VOTE_TIE,
    Comparison,
    Marks,
    Vote,
)
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import Completion

MISS_RATE = 0.40
FALSE_MARK_RATE = 0.03
FLIP_RATE = 0.15
TIE_MARGIN = 0.25
"""Answers whose gold differs by less than this are alike to a reader (gold goes from 0 to 12)."""

_FLIPPED = {VOTE_A: VOTE_B, VOTE_B: VOTE_A}
_BY_TEXT = {prompt.text: prompt for prompt in BY_ID.values()}


class UnknownPrompt(LookupError):
    """The prompt is none of the demo's: what would be right to answer is not known."""


@dataclass(frozen=True)
class ErringReader:
    """Misses 40% of the broken criteria, marks 3% of the met ones, flips 15% of the votes.

    What it errs on is drawn from its name and the text, so that it says the same again of the same
    answer, and so that another reader's errors are independent of its own.
    """

    name: str
    seed: int

    def marks(self, prompt: Prompt, answer: Completion) -> Marks:
        """The criteria that this reader believes the answer to break."""
        return self.marks_by_chance(prompt, answer, mark_chance)

    def marks_by_chance(
        self, prompt: Prompt, answer: Completion, chance: Callable[[str, bool], float]
    ) -> Marks:
        """The same with other chances: of marking a criterion, by its id and whether it is broken.

        What is drawn is the same, so that readings differ only where the chances do.
        """
        customer = customer_prompt(prompt)
        broken = broken_criteria(customer, answer.text, answer.finish_reason)
        draw = self._draw("marks", customer.text, answer.text)
        return Marks(
            broken_criterion_ids=[
                name for name in SENTENCES if draw.random() < chance(name, name in broken)
            ]
        )

    def vote(self, comparison: Comparison) -> Vote:
        """Which answer this reader calls better."""
        prompt = customer_prompt(comparison.prompt)
        vote = true_vote(prompt, comparison.answer_a, comparison.answer_b)
        draw = self._draw("vote", prompt.text, comparison.answer_a.text, comparison.answer_b.text)
        return _FLIPPED.get(vote, vote) if draw.random() < FLIP_RATE else vote

    def _draw(self, *parts: str) -> random.Random:
        return random.Random("\x1f".join((str(self.seed), self.name, *parts)))


def mark_chance(criterion_id: str, broken: bool) -> float:
    """Chance that a reader marks a criterion."""
    return 1 - MISS_RATE if broken else FALSE_MARK_RATE


def true_vote(prompt: CustomerPrompt, answer_a: Completion, answer_b: Completion) -> Vote:
    """The vote by gold. Fluency is left out: no reader sees log-probabilities."""
    if not (answer_a.text.strip() or answer_b.text.strip()):
        return VOTE_BOTH_BAD
    gold_a, gold_b = (
        gold_score(prompt, answer.text, answer.finish_reason, mean_log_probability=0.0)
        for answer in (answer_a, answer_b)
    )
    if abs(gold_a - gold_b) < TIE_MARGIN:
        return VOTE_TIE
    return VOTE_A if gold_a > gold_b else VOTE_B


def customer_prompt(prompt: Prompt) -> CustomerPrompt:
    """What the customer wrote, found by its text: an id may carry a round's number."""
    text = prompt.messages[-1].content if prompt.messages else ""
    customer = _BY_TEXT.get(text)
    if customer is None:
        raise UnknownPrompt(f"prompt {prompt.prompt_id!r} is none of the demo's")
    return customer
