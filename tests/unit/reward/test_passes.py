"""Passes read all that there is, in order, and no more at once than they may."""

from hypothesis import given
from hypothesis import strategies as st

from ratchet.reward.packing import TokenGroup
from ratchet.reward.passes import passes

LENGTHS = st.lists(st.integers(1, 9), min_size=1, max_size=12)


@given(st.lists(LENGTHS, min_size=1, max_size=6), st.integers(3, 30), st.booleans())
def test_passes_keep_every_answer_in_order_and_within_their_bound(
    lengths: list[list[int]], max_tokens: int, padded: bool
) -> None:
    groups = [
        TokenGroup((1,) * (1 + key % 2), tuple((i,) * n for i, n in enumerate(of_group)))
        for key, of_group in enumerate(lengths)
    ]
    found = passes(groups, max_tokens, padded)
    read: dict[int, list[tuple[int, ...]]] = {key: [] for key in range(len(groups))}
    for together in found:
        for key, part in together:
            assert part.prompt_ids == groups[key].prompt_ids
            read[key].extend(part.completion_ids)
        sizes = [part.length for _, part in together]
        computed = max(sizes) * len(sizes) if padded else sum(sizes)
        alone = len(together) == 1 and len(together[0][1].completion_ids) == 1
        assert computed <= max_tokens or alone
    assert [read[key] for key in range(len(groups))] == [list(g.completion_ids) for g in groups]


def test_groups_that_fit_are_read_in_one_pass_as_they_are() -> None:
    groups = [TokenGroup((1, 2), ((3,), (4, 5))), TokenGroup((6,), ((7,) * 5,))]
    assert passes(groups, 11, padded=False) == [[(0, groups[0]), (1, groups[1])]]
    assert passes(groups, 12, padded=True) == [[(0, groups[0]), (1, groups[1])]]
    assert len(passes(groups, 10, padded=False)) == 2
    assert len(passes(groups, 11, padded=True)) == 2


def test_padded_groups_of_like_length_are_read_together() -> None:
    short, long = TokenGroup((1,), ((2,),)), TokenGroup((1,), ((2,) * 9,))
    together = passes([short, long, short, long], 20, padded=True)
    assert [[key for key, _ in each] for each in together] == [[0, 2], [1, 3]]
