"""What readers say of a batch: repeats are another reader's, and help is counted against none."""

from benchmarks.recursion.held_out import held_out
from benchmarks.recursion.measurement import accuracy
from benchmarks.recursion.reading import MarkCounts, Readers
from benchmarks.recursion.spending import first_pairs
from tests.unit.benchmarks.recursion.groups import judged

from ratchet.demo.prompts import TRAIN
from ratchet.demo.shop_standard import SENTENCES

COPIES = ((0.5, 0.5), (0.5, 0.5))
PAIRS = first_pairs([judged(prompt, COPIES, (False, False)) for prompt in TRAIN[:200]], 180)
READERS = Readers(seed=0, caught=0.9, misled=0.15, repeat_share=0.1)


def test_a_share_is_read_again_by_the_other_reader_and_proves_no_judge() -> None:
    assert READERS.new_pairs(200) == len(PAIRS)
    preferences = READERS.read(PAIRS, {}, 200).preferences
    assert len({p.submission_id for p in preferences}) == 200
    readers = {p.comparison.pair_id: p.labeler for p in preferences[:180]}
    repeats = preferences[180:]
    assert all(readers[p.comparison.pair_id] != p.labeler for p in repeats)
    assert {p.comparison.picked_because for p in repeats} == {"repeat"}
    assert {p.comparison.picked_because for p in preferences[:180]} != {"repeat"}
    assert any(held_out(p.comparison.prompt) for p in repeats)


def test_of_fewer_pairs_as_large_a_share_is_read_again_and_nobody_reads_twice() -> None:
    for pairs in (1, 2, 9, 45):
        preferences = READERS.read(PAIRS[:pairs], {}, 200).preferences
        assert len({p.submission_id for p in preferences}) == len(preferences)
        repeats = sum(p.comparison.picked_because == "repeat" for p in preferences)
        assert (len(preferences), repeats) == (pairs + pairs // 9, pairs // 9)
    often = Readers(seed=0, caught=0.9, misled=0.15, repeat_share=0.8).read(PAIRS[:10], {}, 200)
    assert len({p.submission_id for p in often.preferences}) == len(often.preferences) == 20


def test_where_all_answers_are_alike_nothing_is_read() -> None:
    readings = READERS.read([], {}, 20)
    assert readings.preferences == []
    assert accuracy(readings.shown)["false_marks"] is None


def test_without_flags_help_changes_nothing() -> None:
    readings = READERS.read(PAIRS, {}, 180)
    assert readings.shown == readings.alone
    assert not any(preference.assisted for preference in readings.preferences)


def test_true_flags_are_counted_as_the_help_that_they_are() -> None:
    every = (frozenset(SENTENCES), frozenset(SENTENCES))
    trained = [pair for pair in PAIRS if not held_out(pair.prompt)]
    readings = READERS.read(PAIRS, {pair.pair_id: every for pair in trained}, 180)
    assert sum(preference.assisted for preference in readings.preferences) == len(trained)
    shown, alone = readings.shown["asks_order_number"], readings.alone["asks_order_number"]
    proving = readings.proving["asks_order_number"]
    answers = 2 * len(trained)
    assert shown.broken == alone.broken == answers
    assert proving.broken == 360 - answers > 0
    assert shown.caught / answers > 0.85 > 0.65 > alone.caught / answers > 0.55
    assert 0.7 > proving.caught / proving.broken > 0.5
    assert accuracy(readings.shown)["false_marks"] > 2 * accuracy(readings.alone)["false_marks"]


def test_balanced_accuracy_is_of_both_kinds_alike() -> None:
    counts = {
        "often_broken": MarkCounts(broken=100, caught=60, sound=10, wrong=1),
        "never_broken": MarkCounts(broken=0, caught=0, sound=10, wrong=0),
    }
    found = accuracy(counts)
    assert found["balanced_accuracy"] == {"often_broken": (0.6 + 0.9) / 2}
    assert found["mean_balanced_accuracy"] == 0.75
    assert found["false_marks"] == 1 / 20
