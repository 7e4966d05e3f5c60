from hypothesis import given
from hypothesis import strategies as st

from ratchet.judge.tuning.workload import KINDS, Bounds, Sizes, Workload, sequence_tokens

sizes = st.builds(
    Sizes,
    st.integers(0, 5),
    st.integers(0, 3),
    st.integers(1, 5),
    st.integers(1, 60),
    st.integers(1, 60),
)
bounds = st.builds(Bounds, st.integers(1, 50), st.integers(2, 80), st.integers(1, 150))


@given(sizes, bounds, st.integers(0, 3))
def test_what_is_scored_is_within_all_bounds_and_complete(
    sizes: Sizes, bounds: Bounds, run: int
) -> None:
    for kind in KINDS:
        batches = Workload(sizes, bounds).batches(kind, run)
        assert batches == Workload(sizes, bounds).batches(kind, run)
        answers = 0
        for batch in batches:
            assert batch
            assert len(batch) == 1 or sum(each.length for each in batch) <= bounds.batch_tokens
            for group in batch:
                answers += len(group.completion_ids)
                assert group.prompt_ids and all(group.completion_ids)
                for ids in group.completion_ids:
                    sequence = group.prompt_ids + ids
                    assert len(sequence) <= bounds.context_tokens
                    assert 0 <= min(sequence) <= max(sequence) < bounds.vocabulary
        each = 1 if kind == "single" else sizes.completions
        assert answers == sizes.count(kind) * each
        assert sequence_tokens(batches) >= 2 * answers
