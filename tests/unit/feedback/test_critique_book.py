"""Who is shown what the helper says: half of the pairs, of both answers, and the same for ever."""

import pytest
from tests.unit.feedback.critiqued import HELPER, critiques, named
from tests.unit.feedback.judged import group
from tests.unit.feedback.test_comparison_pool import pool_of

from ratchet.feedback import critique_book
from ratchet.feedback.critique_book import CritiqueBook, may_be_helped
from ratchet.v1.critique_pb2 import Critique, GroupCritiques, Helper
from ratchet.v1.preference_pb2 import Comparison, Help

[HELPED], [ALONE] = named(helped=True), named(helped=False)


def pair(group_id: str, standard_version: int = 1, places: str = "0-1") -> Comparison:
    return Comparison(
        pair_id=f"{group_id}/{places}",
        group_id=group_id,
        standard_id="shop",
        standard_version=standard_version,
    )


def flags(critique: Critique) -> list[str]:
    return [criterion.criterion_id for criterion in critique.criteria if criterion.pointed_at]


def book_of(*said: GroupCritiques) -> CritiqueBook:
    book = CritiqueBook()
    for one in said:
        book.add(one)
    return book


def test_both_answers_are_critiqued_and_by_whom_is_told() -> None:
    book = book_of(critiques(HELPED, [["short"], ["polite", "short"]], ["short", "polite"]))
    help_ = book.help_with(pair(HELPED))
    assert help_ is not None
    assert (flags(help_.critique_a), flags(help_.critique_b)) == (["short"], ["short", "polite"])
    assert help_.helper == HELPER


def test_each_answer_gets_its_own_critique() -> None:
    group_id = next(f"g{n}" for n in range(99) if may_be_helped(f"g{n}/2-1"))
    book = book_of(critiques(group_id, [[], ["short"], []], ["short"]))
    help_ = book.help_with(pair(group_id, places="2-1"))
    assert help_ is not None
    assert (flags(help_.critique_a), flags(help_.critique_b)) == ([], ["short"])


def test_one_half_never_has_help() -> None:
    ids = [f"p0-{n}/0-1" for n in range(2000)]
    assert 900 < sum(map(may_be_helped, ids)) < 1100
    assert book_of(critiques(ALONE, [["short"], []], ["short"])).help_with(pair(ALONE)) is None


@pytest.mark.parametrize(
    "comparison",
    [pair("not-critiqued"), pair(HELPED, standard_version=2)],
    ids=["no critique", "another standard"],
)
def test_without_a_critique_that_fits_there_is_none(comparison: Comparison) -> None:
    assert book_of(critiques(HELPED, [[], []], ["short"])).help_with(comparison) is None


def test_fewer_critiques_than_answers_are_none() -> None:
    assert book_of(critiques(HELPED, [["short"]], ["short"])).help_with(pair(HELPED)) is None


def test_the_first_word_on_a_group_holds() -> None:
    later = critiques(HELPED, [[], []], ["short"], helper=Helper(policy_version=4))
    help_ = book_of(critiques(HELPED, [["short"], []], ["short"]), later).help_with(pair(HELPED))
    assert help_ is not None
    assert help_.helper == HELPER


def test_what_makes_no_sense_is_refused() -> None:
    unsigned = critiques(HELPED, [[], []], ["short"])
    unsigned.ClearField("helper")
    uneven = critiques(HELPED, [[], []], ["short"])
    uneven.critiques[1].criteria[0].criterion_id = "polite"
    for wrong, field in ((unsigned, "helper"), (uneven, "critiques")):
        with pytest.raises(ValueError, match=field):
            CritiqueBook().add(wrong)


def test_the_oldest_make_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(critique_book, "MOST_GROUPS", 1)
    first, second = named(helped=True, count=2)
    book = book_of(*(critiques(name, [[], []], ["short"]) for name in (first, second)))
    assert book.help_with(pair(first)) is None
    assert book.help_with(pair(second)) is not None


def test_a_pair_is_shown_for_ever_as_it_was_first_shown() -> None:
    book = book_of(critiques(HELPED, [["short"], []], ["short"]))
    pool = pool_of(group(HELPED, ["a", "b"]), help_with=book.help_with, repeat_share=1.0)
    offer = pool.offer("shop", "ann", 1)
    assert offer is not None
    assert flags(offer.comparison.help.critique_a) == ["short"]
    pool.label(offer.comparison, "ann")
    # Another process, which knows no critiques: it has read the offer in its topic.
    later = pool_of(repeat_share=1.0)
    later.label(offer.comparison, "ann")
    repeat = later.offer("shop", "bob", 1)
    assert repeat is not None
    assert repeat.comparison.help == offer.comparison.help


def test_a_critique_that_comes_late_changes_no_pair_that_was_shown() -> None:
    book = CritiqueBook()
    pool = pool_of(group(HELPED, ["a", "b"]), help_with=book.help_with)
    offer = pool.offer("shop", "ann", 1)
    assert offer is not None
    book.add(critiques(HELPED, [["short"], []], ["short"]))
    again = pool.offered(offer.comparison.pair_id)
    assert again is not None
    assert not again.HasField("help")
    assert again.help == Help()
