"""A canned reply is seen where no judge of one answer can see it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratchet.autonomy.likeness import likeness

CANNED = "I am sorry to hear that. Please send me your order number."


def test_a_canned_reply_is_no_answer_of_its_own() -> None:
    found = likeness([("kettle", [CANNED, CANNED]), ("lamp", [CANNED, f"  {CANNED.upper()} "])])
    assert found == (0, 1)


def test_answers_to_one_prompt_may_be_alike() -> None:
    found = likeness(
        [("kettle", ["the kettle is broken"] * 4), ("lamp", ["your lamp stopped to work"] * 4)]
    )
    assert found == (1, 0)


def test_a_reply_with_a_blank_to_fill_in_is_distinct_and_yet_alike() -> None:
    filled = [(thing, [f"{CANNED} Your {thing} will be sent."]) for thing in ("kettle", "lamp")]
    found = likeness(filled)
    assert found is not None
    assert found.distinct == 1
    # Of 15 trigrams of each, 12 hold nothing of the thing.
    assert found.overlap == pytest.approx(12 / 18)


def test_short_answers_may_be_right_for_many_prompts() -> None:
    assert likeness([("kettle", ["Yes", "No"]), ("lamp", ["yes", "Yes, it is."])]) is None
    found = likeness(
        [("kettle", ["Yes", "It leaks at the lid."]), ("lamp", ["Yes", "The plug is loose here."])]
    )
    assert found == (1, 0)


def test_where_words_have_no_spaces_characters_count() -> None:
    canned = "大変申し訳ございませんが、ご注文番号をお送りください。"
    assert likeness([("kettle", [canned]), ("lamp", [canned])]) == (0, 1)


@pytest.mark.parametrize(
    "answers", [[], [("kettle", [CANNED])], [("kettle", [CANNED]), ("kettle", [CANNED])]]
)
def test_one_prompt_alone_tells_nothing(answers: list[tuple[str, list[str]]]) -> None:
    assert likeness(answers) is None


def test_a_prompt_without_an_answer_is_none() -> None:
    assert likeness([("kettle", [CANNED]), ("lamp", [])]) is None


TEXTS = st.lists(st.text("ab ", max_size=24), min_size=1, max_size=5)


@given(st.lists(st.tuples(st.sampled_from("xyz"), TEXTS), max_size=6), st.randoms())
def test_shares_are_shares_and_the_prompts_order_does_not_matter(answers, random) -> None:
    found = likeness(answers)
    # Of a prompt that comes again only its first answers are compared, so it comes once here.
    once = [
        (prompt, texts)
        for prompt, texts in dict(answers).items()
        if any(len(text.split()) >= 4 or len(" ".join(text.split())) >= 20 for text in texts)
    ]
    shuffled = random.sample(once, len(once))
    assert likeness(once) == (None if len(once) < 2 else pytest.approx(likeness(shuffled)))
    assert found is None or all(0 <= share <= 1 for share in found)
