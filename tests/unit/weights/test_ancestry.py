"""The walk from a judge by its helpers down to people alone."""

import pytest
from tests.unit.weights.ancestors import judge, manifests, policy

from ratchet.weights.ancestry import AncestryBroken, ancestry, level


def test_each_judge_names_its_helper_and_that_its_judge_down_to_people_alone() -> None:
    made = manifests(
        judge(1),
        policy(1, updates=0),
        policy(2, parent=1, updates=1, judge_version=1),
        judge(2, helper=(2, 80)),
        policy(3, parent=2, updates=2, judge_version=2),
        judge(3),
        judge(4, helper=(3, 120)),
    )
    found = ancestry(made, 4)
    assert [generation.judge.version for generation in found] == [4, 2, 1]
    assert [level(found[place:]) for place in range(3)] == [2, 1, 0]
    assert [generation.taught_by for generation in found] == [2, 1, 0]
    assert found[0].helper is not None
    assert found[0].helper.marked_answers == 120
    assert level(ancestry(made, 3)) == 0


def test_help_from_a_policy_that_no_judge_trained_is_the_first_level() -> None:
    found = ancestry(manifests(policy(1, updates=0), judge(1, helper=(1, 80))), 1)
    assert (level(found), found[0].taught_by) == (1, 0)


def test_weights_that_came_back_were_trained_by_whom_they_were_before() -> None:
    made = manifests(
        policy(1, updates=0),
        policy(2, parent=1, updates=1, judge_version=1),
        policy(3, parent=2, updates=2, judge_version=2),
        policy(4, parent=2, updates=1),
        judge(1),
        judge(2),
        judge(3, helper=(4, 80)),
    )
    assert ancestry(made, 3)[0].taught_by == 1


def test_what_older_manifests_do_not_tell_is_not_taken_for_none() -> None:
    made = manifests(policy(1, updates=0), policy(2, parent=1, updates=1), judge(1, helper=(2, 80)))
    found = ancestry(made, 1)
    assert found[0].taught_by is None
    assert len(found) == 1


def test_a_circle_is_refused() -> None:
    made = manifests(policy(2, updates=1, judge_version=3), judge(3, helper=(2, 80)))
    with pytest.raises(AncestryBroken, match="judge 3"):
        ancestry(made, 3)
