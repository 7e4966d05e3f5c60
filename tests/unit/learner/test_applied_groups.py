import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratchet.learner.applied_groups import AppliedGroups, MalformedGroupId

IDS = st.tuples(st.integers(0, 2), st.integers(0, 60)).map(lambda pair: f"p{pair[0]}-{pair[1]}")


@given(ids=st.lists(IDS, max_size=80), restart_at=st.integers(0, 80))
def test_no_group_is_applied_twice_not_even_over_a_restart(ids: list[str], restart_at: int) -> None:
    applied = AppliedGroups(bound=1000)
    taken: list[str] = []
    for i, group_id in enumerate(ids):
        if i == restart_at:
            applied = AppliedGroups.load(applied.dump(), bound=1000)
        if applied.add(group_id):
            taken.append(group_id)
    assert sorted(taken) == sorted(set(ids))


@given(ids=st.lists(IDS, max_size=80))
def test_bounded_memory_may_forget_a_late_one_but_never_lets_one_through_twice(
    ids: list[str],
) -> None:
    applied = AppliedGroups(bound=6)
    taken = [group_id for group_id in ids if applied.add(group_id)]
    assert len(taken) == len(set(taken))
    assert all(len(offsets) <= 7 for offsets in applied.dump().values())


@pytest.mark.parametrize("group_id", ["", "p0", "p0-", "p-1", "p0-1x", "q0-1", "p0--1", "p0-٣"])
def test_an_id_that_names_no_prompt_is_refused(group_id: str) -> None:
    with pytest.raises(MalformedGroupId):
        AppliedGroups().add(group_id)
