from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.judge.fakes import FakeTokenizer

from ratchet.judge.answers import (
    Answer,
    check_vocabulary,
    least_sizes,
    share_prompts,
    token_group,
    tokenize,
)
from ratchet.judge.judges.base import Item
from ratchet.process.packed import pack_u32, unpack_u32
from ratchet.reward.packing import TokenGroup
from ratchet.v1.chat_pb2 import Message

texts = st.text("ab", min_size=1, max_size=60)
items = st.lists(
    st.one_of(
        st.builds(
            lambda content, completion: Item(
                [Message(role="user", content=content)], completion, "messages", "completion"
            ),
            st.sampled_from(["a", "b" * 30, "a" * 199 + "c"]),
            texts,
        ),
        st.builds(
            lambda ids, completion: Item([], completion, "messages", "completion", pack_u32(ids)),
            st.sampled_from([[1], [2] * 25, [3] * 60]),
            texts,
        ),
    ),
    max_size=6,
)
answers = st.lists(
    st.builds(
        Answer,
        prompt=st.sampled_from([(1,), (1, 2), (3, 4, 5)]).map(pack_u32),
        completion=st.lists(st.integers(0, 9), min_size=1, max_size=6).map(pack_u32),
        truncated=st.just(False),
        problem=st.sampled_from(["", "", "too long"]),
    )
)


@given(answers, st.integers(1, 20))
def test_every_answer_that_fits_is_in_one_group_with_its_own_prompt(
    found: list[Answer], max_tokens: int
) -> None:
    groups = share_prompts(found, max_tokens)
    assert sorted(i for group in groups for i in group) == [
        i for i, answer in enumerate(found) if not answer.problem
    ]
    for group in groups:
        assert {found[i].prompt for i in group} == {found[group[0]].prompt}
        tokens = token_group([found[i] for i in group])
        assert tokens.completion_ids == tuple(tuple(unpack_u32(found[i].completion)) for i in group)
        assert tokens.prompt_ids == tuple(unpack_u32(found[group[0]].prompt))
        assert tokens.length == TokenGroup(tokens.prompt_ids, tokens.completion_ids).length
        assert len(group) == 1 or tokens.length <= max_tokens


@given(answers, st.integers(1, 12))
def test_an_answer_with_an_id_beyond_the_vocabulary_is_told_and_spoils_no_other(
    found: list[Answer], vocabulary: int
) -> None:
    for before, after in zip(found, check_vocabulary(found, vocabulary), strict=True):
        largest = max(unpack_u32(before.prompt + before.completion))
        if largest >= vocabulary:
            assert f"token id {largest}" in after.problem
        else:
            assert after == before


@given(st.text("ab", min_size=1, max_size=30), st.text("cd", min_size=1, max_size=30))
def test_a_cut_answer_fills_the_context_and_keeps_the_prompts_end(prompt: str, text: str) -> None:
    context = 20
    item = Item([Message(role="user", content=prompt)], text, "messages", "completion")
    [answer] = tokenize([item], FakeTokenizer(), context, truncate=True)
    if len(text) >= context:
        assert answer.problem and not answer.truncated
        return
    assert not answer.problem
    kept, completion = unpack_u32(answer.prompt), unpack_u32(answer.completion)
    assert completion == list(map(ord, text))
    assert list(map(ord, prompt))[-len(kept) :] == kept
    assert answer.truncated == (len(prompt) + len(text) > context)
    if answer.truncated:
        assert len(kept) + len(completion) == context


@given(items, st.integers(2, 60), st.booleans())
def test_what_is_guessed_before_tokenizing_is_no_more_than_waits_after(
    asked: list[Item], context: int, truncate: bool
) -> None:
    found = tokenize(asked, FakeTokenizer(), context, truncate)
    fitting = [item for item, answer in zip(asked, found, strict=True) if not answer.problem]
    groups = [token_group([found[i] for i in group]) for group in share_prompts(found, 10**9)]
    guessed = least_sizes(fitting, context, truncate)
    assert len(guessed) <= len(groups)
    assert sum(guessed) <= sum(group.length for group in groups)


def test_a_text_that_no_context_holds_takes_no_room_for_it_is_an_error() -> None:
    for content, completion in (("a" * 200, "b"), ("a", "b" * 200)):
        long = Item([Message(role="user", content=content)], completion, "messages", "completion")
        assert least_sizes([long], 20, truncate=False) == []
    assert least_sizes([long._replace(completion="b" * 40)], 20, truncate=True) == [6]


def test_a_prompt_that_several_items_have_is_read_once() -> None:
    read: list[object] = []

    class Tokenizer(FakeTokenizer):
        def prompt_ids(self, messages: Sequence[tuple[str, str]]) -> tuple[int, ...]:
            read.append(messages)
            return super().prompt_ids(messages)

    def item(role: str, completion: str, ids: bytes = b"") -> Item:
        turns = [] if ids else [Message(role=role, content="help")]
        return Item(turns, completion, "messages", "completion", ids)

    asked = [
        item("user", "one"),
        item("user", "two"),
        item("system", "two"),
        item("user", "three", pack_u32([7, 8])),
        item("user", "four"),
    ]
    found = tokenize(asked, Tokenizer(), 20, truncate=False)
    assert len(read) == 2
    assert found == [tokenize([each], FakeTokenizer(), 20, truncate=False)[0] for each in asked]
