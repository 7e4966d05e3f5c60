"""Preferences as people leave them, for hypothesis and by hand."""

from typing import Any

from hypothesis import strategies as st

from ratchet.process.packed import pack_f32, pack_u32
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.preference_pb2 import (
    VOTE_A,
    VOTE_B,
    VOTE_BOTH_BAD,
    VOTE_TIE,
    Comparison,
    Marks,
    Preference,
)
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import Completion, WeightSpan

texts = st.text(min_size=1, max_size=12).filter(str.strip)
names = st.text("abcdefg é", min_size=1, max_size=6).filter(str.strip)
criteria = st.lists(st.sampled_from(["short", "polite", "names_product"]), unique=True)
roles = st.sampled_from(["system", "user", "assistant"])


@st.composite
def preferences(draw: st.DrawFn, ties: bool = True) -> Preference:
    """Everything that a record of the topic may hold."""
    a, b = draw(st.lists(texts, min_size=2, max_size=2, unique=True))
    votes = [VOTE_A, VOTE_B, *([VOTE_TIE, VOTE_BOTH_BAD] if ties else [])]
    messages = st.lists(st.builds(Message, role=roles, content=texts), min_size=1, max_size=3)
    marks = st.none() | st.builds(Marks, broken_criterion_ids=criteria)
    return Preference(
        submission_id=draw(names),
        labeler=draw(names),
        vote=draw(st.sampled_from(votes)),
        marks_a=draw(marks),
        marks_b=draw(marks),
        seconds=draw(st.floats(0, 86_400)),
        assisted=draw(st.booleans()),
        comparison=Comparison(
            pair_id=draw(names),
            prompt=Prompt(messages=draw(messages), standard_id="shop"),
            prompt_token_ids=pack_u32(draw(st.lists(st.integers(0, 2**32 - 1)))),
            answer_a=draw(completions(a)),
            answer_b=draw(completions(b)),
            standard_id="shop",
            standard_version=draw(st.integers(0, 2**64 - 1)),
            picked_because="random",
            subset=draw(st.just("") | names),
        ),
    )


@st.composite
def completions(draw: st.DrawFn, text: str) -> Completion:
    numbers = st.floats(width=32, allow_nan=False, allow_infinity=False)
    span = st.builds(WeightSpan, policy_version=st.integers(0, 2**64 - 1))
    return Completion(
        text=text,
        token_ids=pack_u32(draw(st.lists(st.integers(0, 2**32 - 1)))),
        log_probabilities=pack_f32(draw(st.lists(numbers))),
        weight_spans=draw(st.lists(span, max_size=2)),
        finish_reason="stop",
    )


def said(preference: Preference) -> dict[str, Any]:
    """What every form holds: the prompt, the answers by rank, no more."""
    comparison = preference.comparison
    ranked = [comparison.answer_a.text, comparison.answer_b.text]
    if preference.vote == VOTE_B:
        ranked.reverse()
    return {"prompt": turns(comparison), "ranked": ranked}


def said_in_order(preference: Preference) -> dict[str, Any]:
    """What forms with sides hold beside it."""
    return {
        "prompt": turns(preference.comparison),
        "a": preference.comparison.answer_a.text,
        "b": preference.comparison.answer_b.text,
        "vote": preference.vote,
        "marks_a": marks(preference, "marks_a"),
        "marks_b": marks(preference, "marks_b"),
        "labeler": preference.labeler,
        "subset": preference.comparison.subset,
    }


def turns(comparison: Comparison) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in comparison.prompt.messages]


def marks(preference: Preference, side: str) -> list[str] | None:
    if not preference.HasField(side):
        return None
    return list(getattr(preference, side).broken_criterion_ids)
