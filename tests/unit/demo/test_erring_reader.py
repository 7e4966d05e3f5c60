"""The simulated people err as often as the experiment says, each in a way of their own."""

from math import sqrt

import pytest

from ratchet.demo.erring_reader import (
    FALSE_MARK_RATE,
    FLIP_RATE,
    MISS_RATE,
    ErringReader,
    UnknownPrompt,
    true_vote,
)
from ratchet.demo.gold import broken_criteria
from ratchet.demo.prompts import TRAIN, CustomerPrompt
from ratchet.demo.shop_standard import SENTENCES
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.preference_pb2 import VOTE_A, VOTE_B, VOTE_BOTH_BAD, VOTE_TIE, Comparison
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import Completion

ANN = ErringReader("labeler-1", seed=1)
BOB = ErringReader("labeler-2", seed=1)


def prompt(customer: CustomerPrompt) -> Prompt:
    return Prompt(
        prompt_id="any", messages=[Message(role=r, content=c) for r, c in customer.messages]
    )


def answer(text: str) -> Completion:
    return Completion(text=text, finish_reason="stop")


def good_answer(customer: CustomerPrompt) -> Completion:
    return answer(f"I am sorry about your {customer.product}. Please send your order number.")


def is_near(hits: int, draws: int, rate: float) -> bool:
    """Within 4 standard deviations of what `rate` gives."""
    return abs(hits / draws - rate) < 4 * sqrt(rate * (1 - rate) / draws)


def test_marks_miss_40_percent_and_3_percent_of_them_are_wrong() -> None:
    missed = broken = wrong = met = 0
    for customer in TRAIN:
        reply = good_answer(customer)
        truth = broken_criteria(customer, reply.text, reply.finish_reason)
        marked = set(ANN.marks(prompt(customer), reply).broken_criterion_ids)
        broken += len(truth)
        missed += len(truth - marked)
        met += len(SENTENCES) - len(truth)
        wrong += len(marked - truth)
    assert broken > 1000 and met > 4000
    assert is_near(missed, broken, MISS_RATE)
    assert is_near(wrong, met, FALSE_MARK_RATE)


def test_15_percent_of_the_votes_are_flipped() -> None:
    flipped = 0
    for customer in TRAIN:
        pair = Comparison(
            prompt=prompt(customer), answer_a=good_answer(customer), answer_b=answer("No idea.")
        )
        flipped += ANN.vote(pair) == VOTE_B
    assert is_near(flipped, len(TRAIN), FLIP_RATE)


def test_a_reader_says_the_same_again_and_another_errs_independently() -> None:
    both = ann = bob = broken = 0
    for customer in TRAIN:
        reply = good_answer(customer)
        truth = broken_criteria(customer, reply.text, reply.finish_reason)
        marks = ANN.marks(prompt(customer), reply)
        assert ErringReader("labeler-1", seed=1).marks(prompt(customer), reply) == marks
        anns = truth & set(marks.broken_criterion_ids)
        bobs = truth & set(BOB.marks(prompt(customer), reply).broken_criterion_ids)
        broken += len(truth)
        ann += len(anns)
        bob += len(bobs)
        both += len(anns & bobs)
    assert is_near(both, broken, (1 - MISS_RATE) ** 2)
    assert is_near(both, ann, 1 - MISS_RATE)


def test_the_true_vote_goes_by_gold() -> None:
    customer = TRAIN[0]
    good, bad = good_answer(customer), answer("No idea about any of this.")
    assert true_vote(customer, good, bad) == VOTE_A
    assert true_vote(customer, bad, good) == VOTE_B
    assert true_vote(customer, good, good) == VOTE_TIE
    assert true_vote(customer, answer(""), answer(" \n")) == VOTE_BOTH_BAD


def test_a_prompt_of_somebody_else_is_not_judged() -> None:
    with pytest.raises(UnknownPrompt):
        ANN.marks(Prompt(messages=[Message(role="user", content="Hi")]), answer("Hello."))
    with pytest.raises(UnknownPrompt):
        ANN.marks(Prompt(), answer("Hello."))
