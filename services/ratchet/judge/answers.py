"""Texts, or token ids in their place, to the token groups that the model scores."""

from collections.abc import Container, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from ratchet.judge.judges.base import Item
from ratchet.process.conversation import TemplateRefuses
from ratchet.process.errors import InvalidField
from ratchet.process.packed import pack_u32
from ratchet.reward.packing import PackedGroup, TokenGroup

ID_BYTES = 4

CHARACTERS_PER_TOKEN = 8
"""Nearly twice as many as tokens of English have: hardly a text makes fewer tokens of them."""


Turns = tuple[tuple[str, str], ...]
"""A conversation as (role, content) pairs."""


class Tokenizer(Protocol):
    """What is used of `reward.tokens.ChatTokenizer`."""

    def prompt_ids(self, messages: Sequence[tuple[str, str]]) -> tuple[int, ...]:
        """Ids of (role, content) pairs, up to where the assistant begins to write."""
        ...

    def completion_ids(self, text: str) -> tuple[int, ...]:
        """Ids of an answer with its end-of-turn token."""
        ...


class Answer(NamedTuple):
    """One item as packed token ids."""

    prompt: bytes
    completion: bytes
    truncated: bool = False
    problem: str = ""
    """Why it cannot be scored; empty where it can."""


def is_tokenized(item: Item) -> bool:
    """Whether an item came as token ids."""
    return bool(item.prompt_token_ids and item.completion_token_ids)


def least_sizes(items: Sequence[Item], context: int, truncate: bool) -> list[int]:
    """About how many tokens each prompt with its answers has at least, without reading a text.

    Answers that are too long for the context are left out, as they are from the queue.
    """
    sizes: dict[tuple[str | bytes, ...], int] = {}
    for item in items:
        turns = [turn.content for turn in item.messages]
        asked = _least_tokens(item.prompt_token_ids, *turns)
        answered = _least_tokens(item.completion_token_ids, item.completion)
        if answered < context and (truncate or asked + answered <= context):
            prompt = (item.prompt_token_ids, *turns)
            sizes[prompt] = sizes.get(prompt, min(asked, context - answered)) + answered
    return list(sizes.values())


def _least_tokens(ids: bytes, *texts: str) -> int:
    if ids:
        return len(ids) // ID_BYTES
    return max(sum(map(len, texts)) // CHARACTERS_PER_TOKEN, 1)


def tokenize(
    items: Sequence[Item], tokenizer: Tokenizer, context: int, truncate: bool
) -> list[Answer]:
    """Ids of items; a prompt that several have is read once.

    With `truncate` a prompt loses from its left what is above the context.

    Raises:
        InvalidField: the chat template refuses a conversation.
    """
    prompts: dict[Turns, bytes] = {}
    answers: list[Answer] = []
    for item in items:
        prompt = item.prompt_token_ids
        if not prompt:
            turns = tuple((turn.role, turn.content) for turn in item.messages)
            if turns not in prompts:
                prompts[turns] = pack_u32(_prompt_ids(turns, tokenizer, item.messages_field))
            prompt = prompts[turns]
        completion = item.completion_token_ids or pack_u32(
            tokenizer.completion_ids(item.completion)
        )
        answers.append(_answer(prompt, completion, context, truncate))
    return answers


def _prompt_ids(turns: Turns, tokenizer: Tokenizer, field: str) -> tuple[int, ...]:
    try:
        return tokenizer.prompt_ids(turns)
    except TemplateRefuses as error:
        raise InvalidField(field, str(error)) from None


def _answer(prompt: bytes, completion: bytes, context: int, truncate: bool) -> Answer:
    asked, answered = len(prompt) // ID_BYTES, len(completion) // ID_BYTES
    room = context - answered
    problem = ""
    if room < 1:
        problem = f"{answered} tokens leave no room for a prompt in a context of {context}"
    elif asked > room and not truncate:
        problem = f"{asked} + {answered} tokens; the judge's context has {context}"
    cut = truncate and not problem and asked > room
    kept = prompt[-ID_BYTES * room :] if cut else prompt
    return Answer(kept, completion, cut, problem)


def check_vocabulary(answers: Sequence[Answer], vocabulary: int) -> list[Answer]:
    """The same answers, with a problem where an id is none of the model's."""
    # One look at all of them together costs a hundredth of one at each.
    if _largest([part for answer in answers for part in (answer.prompt, answer.completion)]) < (
        vocabulary
    ):
        return list(answers)
    return [
        answer._replace(
            problem=f"token id {largest}; the vocabulary has {vocabulary}", truncated=False
        )
        if (largest := _largest([answer.prompt, answer.completion])) >= vocabulary
        else answer
        for answer in answers
    ]


def _largest(packed: Sequence[bytes]) -> int:
    return int(np.frombuffer(b"".join(packed), "<u4").max(initial=0))


def share_prompts(
    answers: Sequence[Answer], max_tokens: int, known: Container[int] = ()
) -> list[list[int]]:
    """Indices of the answers that fit, in groups with one prompt and at most so many tokens.

    An answer above `max_tokens` is a group by itself; `known` are the indices of those that need
    no model.
    """
    last: dict[bytes, list[int]] = {}
    size: dict[bytes, int] = {}
    groups: list[list[int]] = []
    for i, answer in enumerate(answers):
        if answer.problem or i in known:
            continue
        prompt, length = answer.prompt, len(answer.completion)
        group = last.get(prompt)
        if group is None or size[prompt] + length > ID_BYTES * max_tokens:
            group = last[prompt] = []
            size[prompt] = len(prompt)
            groups.append(group)
        group.append(i)
        size[prompt] += length
    return groups


def token_group(answers: Sequence[Answer]) -> TokenGroup:
    """The group of answers to one prompt."""
    return PackedGroup(answers[0].prompt, tuple(answer.completion for answer in answers))
