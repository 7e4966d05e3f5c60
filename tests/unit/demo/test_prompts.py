from ratchet.demo.prompts import (
    BY_ID,
    GATE,
    NEVER_TRAINED,
    PHRASINGS,
    TRAIN,
    UNSEEN_PHRASINGS,
)


def test_the_splits_share_no_prompt() -> None:
    texts = [prompt.text for prompt in (*TRAIN, *GATE, *NEVER_TRAINED)]
    assert len(texts) == len(set(texts)) == len(BY_ID)
    assert (len(GATE), len(NEVER_TRAINED)) == (32, 256)
    assert len(TRAIN) >= 300


def test_never_trained_prompts_share_no_product_problem_or_phrasing() -> None:
    seen = (*TRAIN, *GATE)
    assert {p.product for p in NEVER_TRAINED}.isdisjoint(p.product for p in seen)
    sentences = {p.problem.sentence for p in NEVER_TRAINED}
    assert sentences.isdisjoint(p.problem.sentence for p in seen)
    assert set(UNSEEN_PHRASINGS).isdisjoint(PHRASINGS)
    for prompt in seen:
        words = prompt.text.lower()
        assert not any(unseen.product in words for unseen in NEVER_TRAINED)


def test_the_words_that_prove_an_unseen_product_are_in_no_other_prompt() -> None:
    for prompt in NEVER_TRAINED:
        assert prompt.product in prompt.text
        assert prompt.problem.sentence in prompt.text
