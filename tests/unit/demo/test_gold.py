import pytest

from ratchet.demo.gold import broken_criteria, gold_score, repetition
from ratchet.demo.prompts import BY_ID, CustomerPrompt, Problem
from ratchet.demo.shop_standard import SENTENCES, shop_standard

KETTLE = CustomerPrompt(
    "p", "kettle", Problem("arrived broken", ("broke", "damag")), "Hello, my kettle arrived broken."
)
GOOD = (
    "Thank you for writing. I am sorry that your kettle arrived broken. Please send me your order "
    "number. I am happy to help with anything else."
)


def broken(answer: str, finish_reason: str = "stop") -> set[str]:
    return set(broken_criteria(KETTLE, answer, finish_reason))


def test_a_good_answer_breaks_nothing() -> None:
    assert broken(GOOD) == set()


@pytest.mark.parametrize(
    ("answer", "criterion"),
    [
        (GOOD.replace("kettle", "lamp"), "names_product"),
        (GOOD.replace("broken", "late"), "names_problem"),
        (GOOD.replace("order number", "name"), "asks_order_number"),
        (GOOD.replace("I am sorry", "So sad"), "apologises_once"),
        (GOOD.replace("Thank you for writing", "Sorry, sorry"), "apologises_once"),
        (GOOD.replace("help with anything else", "be here"), "offers_help"),
        (GOOD.replace("Thank you for", "I see your").replace("Please send", "Send"), "polite"),
        (f"{'Well, well. ' * 12}{GOOD}", "short"),
        (GOOD.removesuffix("."), "finished"),
        (f"You get a refund. {GOOD}", "no_invented_refund"),
        (f"We will send replacements. {GOOD}", "no_invented_refund"),
        (f"- {GOOD}", "plain"),
        (f"[Name] {GOOD}", "plain"),
        (f"1. {GOOD}", "plain"),
    ],
)
def test_one_fault_breaks_one_criterion(answer: str, criterion: str) -> None:
    assert broken(answer) == {criterion}


@pytest.mark.parametrize(
    ("sentence", "answer"),
    [
        ("is missing a part", "I am particularly sorry."),
        ("keeps switching itself off", "You may return it."),
        ("has a strange stain on it", "It is stainless."),
    ],
)
def test_a_word_that_only_contains_a_stem_shows_nothing(sentence: str, answer: str) -> None:
    prompt = next(p for p in BY_ID.values() if p.problem.sentence == sentence)
    assert "names_problem" in broken_criteria(prompt, answer, "stop")


def test_a_product_is_a_word_of_its_own() -> None:
    prompt = next(p for p in BY_ID.values() if p.product == "fan")
    assert "names_product" in broken_criteria(prompt, "That is fantastic.", "stop")


def test_a_problem_may_be_named_in_other_words() -> None:
    prompt = next(p for p in BY_ID.values() if p.problem.sentence.startswith("stopped"))
    answer = f"Sorry that your {prompt.product}s doesn't work."
    assert not {"names_product", "names_problem"} & broken_criteria(prompt, answer, "stop")


def test_an_answer_cut_at_its_limit_is_not_finished() -> None:
    assert broken(GOOD, finish_reason="length") == {"finished"}


@pytest.mark.parametrize("answer", ["", "  \n"])
def test_an_empty_answer_breaks_everything(answer: str) -> None:
    assert broken(answer) == set(SENTENCES)


def test_gold_is_the_weight_that_is_met_less_penalties_plus_fluency() -> None:
    everything = sum(weight for weight, _ in SENTENCES.values())
    assert everything == 12
    assert gold_score(KETTLE, GOOD, "stop", -1.5) == pytest.approx(everything - 1.5)
    assert gold_score(KETTLE, GOOD, "stop", -99) == pytest.approx(everything - 5)
    assert gold_score(KETTLE, "", "stop", 0) == -3
    again = f"{GOOD} {GOOD}"
    assert gold_score(KETTLE, again, "stop", 0) < gold_score(KETTLE, GOOD, "stop", 0) - 2


def test_repetition_is_the_share_of_trigrams_seen_before() -> None:
    assert repetition("one two three four") == 0
    assert repetition("a b c a b c") == pytest.approx(1 / 4)
    assert repetition("") == repetition("a b") == 0


def test_the_standard_that_people_see_is_sentences_and_weights_alone() -> None:
    standard = shop_standard()
    assert {criterion.criterion_id for criterion in standard.criteria} == set(SENTENCES)
    assert standard.version == 0
