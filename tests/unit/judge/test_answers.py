from hypothesis import given
from hypothesis import strategies as st
from tests.unit.judge.fakes import FakeTokenizer

from ratchet.judge.answers import Answer, share_prompts, token_group, tokenize
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.judge_service_pb2 import ScoreItem

answers = st.lists(
    st.builds(
        Answer,
        prompt_ids=st.sampled_from([(1,), (1, 2), (3, 4, 5)]),
        completion_ids=st.lists(st.integers(0, 9), min_size=1, max_size=6).map(tuple),
        truncated=st.just(False),
        problem=st.sampled_from(["", "", "too long"]),
        seconds=st.just(0.0),
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
        assert {found[i].prompt_ids for i in group} == {found[group[0]].prompt_ids}
        assert len(group) == 1 or token_group([found[i] for i in group]).length <= max_tokens


@given(st.text("ab", min_size=1, max_size=30), st.text("cd", min_size=1, max_size=30))
def test_a_cut_answer_fills_the_context_and_keeps_the_prompts_end(prompt: str, text: str) -> None:
    context = 20
    item = ScoreItem(messages=[Message(role="user", content=prompt)], completion=text)
    answer = tokenize(item, FakeTokenizer(), context, truncate=True, vocabulary=1000)
    if len(text) >= context:
        assert answer.problem and not answer.truncated
        return
    assert not answer.problem
    assert answer.completion_ids == tuple(map(ord, text))
    assert tuple(map(ord, prompt))[-len(answer.prompt_ids) :] == answer.prompt_ids
    assert answer.truncated == (len(prompt) + len(text) > context)
    if answer.truncated:
        assert len(answer.prompt_ids) + len(answer.completion_ids) == context
