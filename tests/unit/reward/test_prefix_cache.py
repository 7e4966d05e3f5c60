from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from ratchet.reward.prefix_cache import BLOCK_TOKENS, SHORTEST_PROMPT, Prefix, PrefixCache

Prompt = tuple[int, ...]


def prompt(seed: int, length: int) -> Prompt:
    return tuple(1000 * seed + i for i in range(length))


def run(cache: PrefixCache, *prompts: Prompt) -> list[Prefix]:
    with cache.of(prompts) as prefixes:
        for prefix in prefixes:
            cache.keep(prefix)
    return prefixes


def known(cache: PrefixCache, asked: Prompt) -> int:
    with cache.of([asked]) as [prefix]:
        return len(prefix.known)


def test_a_prompt_that_comes_again_is_known_to_its_last_token() -> None:
    cache = PrefixCache(1000)
    [first] = run(cache, prompt(1, 150))
    [again] = run(cache, prompt(1, 150))
    assert (first.known, again.known, again.new) == ((), first.new, ())
    assert len(first.new) == 150


def test_prompts_that_begin_the_same_share_whole_blocks() -> None:
    cache = PrefixCache(1000)
    run(cache, prompt(1, 150))
    assert known(cache, prompt(1, 140) + prompt(2, 30)) == 2 * BLOCK_TOKENS
    assert known(cache, prompt(2, 30) + prompt(1, 140)) == 0


def test_a_short_prompt_is_not_worth_keeping() -> None:
    cache = PrefixCache(1000)
    run(cache, prompt(1, SHORTEST_PROMPT - 1))
    assert cache.tokens == 0


def test_what_was_not_asked_for_longest_goes_first_and_ends_before_beginnings() -> None:
    cache = PrefixCache(300)
    run(cache, prompt(1, 100))
    run(cache, prompt(2, 100))
    run(cache, prompt(1, 100))
    run(cache, prompt(3, 130))
    assert known(cache, prompt(1, 100)) == 100
    assert known(cache, prompt(3, 130)) == 130
    assert known(cache, prompt(2, 100)) == BLOCK_TOKENS


def test_a_prompt_larger_than_the_cache_keeps_its_beginning() -> None:
    cache = PrefixCache(150)
    run(cache, prompt(1, 400))
    assert known(cache, prompt(1, 400)) == 2 * BLOCK_TOKENS


def test_a_cache_without_room_knows_nothing() -> None:
    cache = PrefixCache(0)
    run(cache, prompt(1, 100))
    assert known(cache, prompt(1, 100)) == 0


def test_what_is_forgotten_makes_room() -> None:
    cache = PrefixCache(100)
    run(cache, prompt(1, 100))
    cache.clear()
    assert known(cache, prompt(1, 100)) == 0
    run(cache, prompt(2, 100))
    assert cache.tokens == 100


def test_a_pass_that_fails_takes_no_room() -> None:
    cache = PrefixCache(100)
    try:
        with cache.of([prompt(1, 100)]):
            raise RuntimeError
    except RuntimeError:
        pass
    assert known(cache, prompt(1, 100)) == 0
    run(cache, prompt(2, 100))
    assert known(cache, prompt(2, 100)) == 100


prompts = st.builds(
    lambda seed, shared, own: prompt(seed, shared) + prompt(9, own),
    st.integers(0, 3),
    st.sampled_from([0, 40, 64, 100, 128, 200]),
    st.sampled_from([1, 33, 64, 90]),
)
passes = st.lists(st.lists(st.tuples(prompts, st.booleans()), min_size=1, max_size=4), max_size=12)


@given(passes, st.integers(0, 500))
def test_known_slots_hold_the_prompts_own_beginning_and_room_is_never_exceeded(
    passes: Sequence[Sequence[tuple[Prompt, bool]]], size: int
) -> None:
    cache = PrefixCache(size)
    slots: dict[int, Prompt] = {}  # What a model would have put there: all that it depends on.
    for asked in passes:
        # As the judge asks: every prompt once a pass.
        asked = list({prompt: computed for prompt, computed in asked}.items())
        with cache.of([prompt for prompt, _ in asked]) as prefixes:
            taken = [slot for prefix in prefixes for slot in prefix.new]
            assert len(set(taken)) == len(taken)
            assert not {slot for prefix in prefixes for slot in prefix.known} & set(taken)
            assert all(0 <= slot < size for slot in taken)
            for (prompt_, computed), prefix in zip(asked, prefixes, strict=True):
                count = len(prefix.known)
                assert [slots[slot] for slot in prefix.known] == [
                    prompt_[: i + 1] for i in range(count)
                ]
                for i, slot in enumerate(prefix.new, start=count):
                    slots[slot] = prompt_[: i + 1]
                if computed:
                    cache.keep(prefix)
        assert cache.tokens <= size
    cache.clear()
    with cache.of([prompt(5, size)]) as [prefix]:
        assert len(prefix.new) == (size if size >= SHORTEST_PROMPT else 0)
