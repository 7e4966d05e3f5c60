from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratchet.reward.prefix_cache import (
    BLOCK_TOKENS,
    SEEN_FOR_KEPT,
    SHORTEST_PROMPT,
    Prefix,
    PrefixCache,
)

Prompt = tuple[int, ...]


def prompt(seed: int, length: int) -> Prompt:
    return tuple(1000 * seed + i for i in range(length))


def run(cache: PrefixCache, *prompts: Prompt) -> list[Prefix]:
    with cache.of(prompts) as prefixes:
        for prefix in prefixes:
            cache.keep(prefix)
    return prefixes


def run_twice(cache: PrefixCache, *prompts: Prompt) -> None:
    run(cache, *prompts)
    run(cache, *prompts)


def known(cache: PrefixCache, asked: Prompt) -> int:
    with cache.of([asked]) as [prefix]:
        return len(prefix.known)


def test_a_prompt_is_kept_at_its_second_sight_and_known_to_its_last_token_from_the_third() -> None:
    cache = PrefixCache(1000)
    [first], [second], [third] = (run(cache, prompt(1, 150)) for _ in range(3))
    assert (first.known, first.new) == ((), ())
    assert (second.known, len(second.new)) == ((), 150)
    assert (third.known, third.new) == (second.new, ())


def test_prompts_that_begin_the_same_share_whole_blocks() -> None:
    cache = PrefixCache(1000)
    run_twice(cache, prompt(1, 150))
    assert known(cache, prompt(1, 140) + prompt(2, 30)) == 2 * BLOCK_TOKENS
    assert known(cache, prompt(2, 30) + prompt(1, 140)) == 0


def test_what_stands_twice_in_one_pass_is_seen_once() -> None:
    cache = PrefixCache(1000)
    both = (prompt(1, 128) + prompt(2, 10), prompt(1, 128) + prompt(3, 10))
    run(cache, *both)
    assert cache.tokens == 0
    run(cache, *both)
    assert cache.tokens == 138


def test_a_beginning_is_kept_before_the_ends_that_differ() -> None:
    cache = PrefixCache(1000)
    run(cache, prompt(1, 128) + prompt(2, 10))
    run(cache, prompt(1, 128) + prompt(3, 10))
    assert cache.tokens == 128
    run(cache, prompt(1, 128) + prompt(2, 10))
    assert cache.tokens == 138


def test_a_short_prompt_is_not_worth_keeping() -> None:
    cache = PrefixCache(1000)
    run_twice(cache, prompt(1, SHORTEST_PROMPT - 1))
    assert cache.tokens == 0


def test_what_was_not_asked_for_longest_goes_first_and_ends_before_beginnings() -> None:
    cache = PrefixCache(300)
    run_twice(cache, prompt(1, 100))
    run_twice(cache, prompt(2, 100))
    run(cache, prompt(1, 100))
    run_twice(cache, prompt(3, 130))
    assert known(cache, prompt(1, 100)) == 100
    assert known(cache, prompt(3, 130)) == 130
    assert known(cache, prompt(2, 100)) == BLOCK_TOKENS


def test_prompts_that_never_come_again_drive_nothing_out() -> None:
    cache = PrefixCache(100)
    run_twice(cache, prompt(1, 100))
    for seed in range(2, 50):
        run(cache, prompt(seed, 100))
    assert known(cache, prompt(1, 100)) == 100


@pytest.mark.parametrize("between, kept", [(2 * SEEN_FOR_KEPT - 1, 40), (2 * SEEN_FOR_KEPT, 0)])
def test_a_sight_is_remembered_for_so_many_blocks_as_the_cache_has_room_for(
    between: int, kept: int
) -> None:
    cache = PrefixCache(2 * BLOCK_TOKENS)
    run(cache, prompt(1, 40))
    for seed in range(2, 2 + between):
        run(cache, prompt(seed, 40))
    run(cache, prompt(1, 40))
    assert cache.tokens == kept


def test_a_prompt_that_is_seen_again_is_remembered_anew() -> None:
    cache = PrefixCache(2 * BLOCK_TOKENS)
    for first in (100, 200):
        known(cache, prompt(1, 40))
        for seed in range(first, first + 2 * SEEN_FOR_KEPT - 1):
            run(cache, prompt(seed, 40))
    run(cache, prompt(1, 40))
    assert cache.tokens == 40


def test_a_cache_smaller_than_a_block_keeps_a_shorter_prompt() -> None:
    cache = PrefixCache(40)
    run_twice(cache, prompt(1, 40))
    assert cache.tokens == 40


def test_a_prompt_larger_than_the_cache_keeps_its_beginning() -> None:
    cache = PrefixCache(150)
    run_twice(cache, prompt(1, 400))
    assert known(cache, prompt(1, 400)) == 2 * BLOCK_TOKENS


def test_a_prompt_of_more_blocks_than_are_remembered_keeps_its_beginning() -> None:
    cache = PrefixCache(BLOCK_TOKENS)
    run_twice(cache, prompt(1, 2 * SEEN_FOR_KEPT * BLOCK_TOKENS))
    assert cache.tokens == BLOCK_TOKENS


def test_a_cache_without_room_knows_nothing() -> None:
    cache = PrefixCache(0)
    run_twice(cache, prompt(1, 100))
    assert known(cache, prompt(1, 100)) == 0


def test_what_is_forgotten_makes_room_and_was_never_seen() -> None:
    cache = PrefixCache(100)
    run_twice(cache, prompt(1, 100))
    cache.clear()
    run(cache, prompt(1, 100))
    assert cache.tokens == 0
    run_twice(cache, prompt(2, 100))
    assert cache.tokens == 100


def test_a_pass_that_fails_takes_no_room() -> None:
    cache = PrefixCache(100)
    run(cache, prompt(1, 100))
    try:
        with cache.of([prompt(1, 100)]):
            raise RuntimeError
    except RuntimeError:
        pass
    assert known(cache, prompt(1, 100)) == 0
    run_twice(cache, prompt(2, 100))
    assert known(cache, prompt(2, 100)) == 100


def block_ends(asked: Prompt) -> list[int]:
    if len(asked) < SHORTEST_PROMPT:
        return []
    return [*range(BLOCK_TOKENS, len(asked), BLOCK_TOKENS), len(asked)]


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
    seen: set[Prompt] = set()
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
                assert not prefix.new or prompt_[: count + len(prefix.new)] in seen
                if computed:
                    cache.keep(prefix)
        seen |= {prompt_[:end] for prompt_, _ in asked for end in block_ends(prompt_)}
        assert cache.tokens <= size
    cache.clear()
    run_twice(cache, prompt(5, size))
    assert cache.tokens == (size if size >= SHORTEST_PROMPT else 0)


@given(st.lists(prompts, max_size=20))
def test_where_there_is_room_a_pass_keeps_what_was_seen_once_and_knows_what_was_seen_twice(
    asked: Sequence[Prompt],
) -> None:
    cache = PrefixCache(10_000)
    sights = Counter[Prompt]()
    for prompt_ in asked:
        ends = block_ends(prompt_)
        once, twice = (
            max((end for end in ends if sights[prompt_[:end]] >= least), default=0)
            for least in (1, 2)
        )
        [prefix] = run(cache, prompt_)
        assert (len(prefix.known), len(prefix.known + prefix.new)) == (twice, once)
        sights.update(prompt_[:end] for end in ends)
