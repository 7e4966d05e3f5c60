"""What the topics tell becomes what the status page shows."""

import pytest
from tests.unit.feedback.happenings import NOW, STANDARD, in_force, label, scored_group

from ratchet.feedback import history as module
from ratchet.feedback.history import SHORT_TERM_SECONDS, History
from ratchet.feedback.pairs import DISAGREEMENT
from ratchet.v1.preference_pb2 import VOTE_A, VOTE_B, VOTE_BOTH_BAD, VOTE_TIE, Vote
from ratchet.v1.weights_pb2 import ROLE_JUDGE


@pytest.mark.parametrize(
    ("scores", "vote", "outcome"),
    [
        ((0.9, 0.1), VOTE_A, [1.0]),
        ((0.9, 0.1), VOTE_B, [0.0]),
        ((0.1, 0.9), VOTE_B, [1.0]),
        ((0.5, 0.5), VOTE_B, [0.5]),
        ((0.9, 0.1), VOTE_TIE, []),
        ((0.9, 0.1), VOTE_BOTH_BAD, []),
    ],
)
def test_agreement_is_whether_the_judge_chose_as_people_did(
    scores: tuple[float, float], vote: Vote, outcome: list[float]
) -> None:
    history = History()
    history.add_label(label("g", vote), NOW)
    assert history.agreement(STANDARD) == []  # after a restart labels are read before scores
    scored_group(history, "g", scores)
    assert history.agreement(STANDARD) == outcome


def test_only_pairs_drawn_by_lot_count_for_agreement() -> None:
    history = History()
    scored_group(history, "g", (0.9, 0.1))
    history.add_label(label("g", reason=DISAGREEMENT), NOW)
    assert len(history.labels(STANDARD)) == 1
    assert history.agreement(STANDARD) == []


def test_records_that_come_again_change_nothing() -> None:
    history = History()
    judged = scored_group(history, "g", (0.9, 0.1))
    history.add_label(label("g"), NOW)
    revision = history.revision
    history.add_label(label("g"), NOW + 5)
    history.add_group(judged, NOW + 5)
    assert history.revision == revision
    assert len(history.labels(STANDARD)) == 1
    assert history.graded(STANDARD, NOW) == 2


def test_what_could_not_be_scored_is_not_counted_and_no_zero() -> None:
    history = History()
    judged = scored_group(History(), "g", (0.9, 0.1))
    judged.judgements[0].error.code = 3
    history.add_group(judged, NOW)
    history.add_label(label("g"), NOW)
    assert history.agreement(STANDARD) == []
    assert history.graded(STANDARD, NOW) == 1
    assert history.scores(STANDARD)[1].mean == pytest.approx(0.1)


def test_before_a_judge_is_proven_nothing_is_graded() -> None:
    history = History()
    judged = scored_group(History(), "g", (0.9, 0.1))
    judged.judge_version = 0
    history.add_group(judged, NOW)
    assert history.graded(STANDARD, NOW) == 0


def test_graded_answers_are_those_of_the_last_days() -> None:
    history = History()
    scored_group(history, "old", (0.9, 0.1), at=NOW - SHORT_TERM_SECONDS - 1)
    scored_group(history, "new", (0.9, 0.1), at=NOW)
    assert history.graded(STANDARD, NOW - SHORT_TERM_SECONDS) == 2


def test_scores_of_the_oldest_groups_make_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_GROUPS", 2)
    history = History()
    for name in ("a", "b", "c"):
        scored_group(history, name, (0.9, 0.1))
        history.add_label(label(name), NOW)
    assert len(history.agreement(STANDARD)) == 2


def test_each_change_is_told_by_the_revision() -> None:
    history = History()
    seen = [history.revision]
    scored_group(history, "g", (0.9, 0.1))
    seen.append(history.revision)
    history.add_label(label("g"), NOW)
    seen.append(history.revision)
    in_force(history, ROLE_JUDGE, 1)
    seen.append(history.revision)
    assert len(set(seen)) == 4
