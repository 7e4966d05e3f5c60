"""What may be committed while prompts finish out of order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratchet.policy.offset_watermark import OffsetWatermark


@given(
    gaps=st.lists(st.integers(1, 3), min_size=1, max_size=40),
    first=st.integers(0, 1000),
    data=st.data(),
)
def test_everything_below_the_watermark_is_finished(
    gaps: list[int], first: int, data: st.DataObject
) -> None:
    offsets = [first + sum(gaps[:i]) for i in range(len(gaps))]
    mark = OffsetWatermark()
    unfinished: set[int] = set()
    to_start = list(offsets)
    last = 0
    while to_start or unfinished:
        if to_start and (not unfinished or data.draw(st.booleans())):
            offset = to_start.pop(0)
            assert mark.start(offset)
            unfinished.add(offset)
        else:
            offset = data.draw(st.sampled_from(sorted(unfinished)))
            mark.finish(offset)
            unfinished.remove(offset)
        assert mark.next_offset >= last, "never goes back"
        last = mark.next_offset
        assert mark.next_offset == (
            min(unfinished) if unfinished else max(set(offsets) - set(to_start)) + 1
        )
    assert mark.next_offset == offsets[-1] + 1


def test_what_comes_again_after_a_rebalance_is_not_done_again() -> None:
    mark = OffsetWatermark()
    for offset in (5, 6, 7):
        assert mark.start(offset)
    mark.finish(5)
    mark.finish(7)
    assert not any(mark.start(offset) for offset in (5, 6, 7))
    assert mark.next_offset == 6


def test_finishing_twice_is_an_error() -> None:
    mark = OffsetWatermark()
    mark.start(0)
    mark.finish(0)
    with pytest.raises(KeyError):
        mark.finish(0)
