"""Texts, or token ids in their place, to the token groups that the model scores."""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ratchet.judge.judges.base import Item
from ratchet.process.packed import unpack_u32
from ratchet.reward.packing import TokenGroup


class Tokenizer(Protocol):
    """What is used of `reward.tokens.ChatTokenizer`."""

    def prompt_ids(self, messages: Sequence[tuple[str, str]]) -> tuple[int, ...]:
        """Ids of (role, content) pairs, up to where the assistant begins to write."""
        ...

    def completion_ids(self, text: str) -> tuple[int, ...]:
        """Ids of an answer with its end-of-turn token."""
        ...


@dataclass(frozen=True)
class Answer:
    """One item as token ids."""

    prompt_ids: tuple[int, ...]
    completion_ids: tuple[int, ...]
    truncated: bool
    problem: str
    """Why it cannot be scored; empty where it can."""
    seconds: float


def tokenize(
    item: Item, tokenizer: Tokenizer, context: int, truncate: bool, vocabulary: int
) -> Answer:
    """Ids of an item. With `truncate` the prompt loses from its left what is above the context."""
    started = time.perf_counter()
    prompt = tuple(unpack_u32(item.prompt_token_ids)) or tokenizer.prompt_ids(
        [(turn.role, turn.content) for turn in item.messages]
    )
    completion = tuple(unpack_u32(item.completion_token_ids)) or tokenizer.completion_ids(
        item.completion
    )
    room = context - len(completion)
    problem = ""
    if (largest := max(*prompt, *completion)) >= vocabulary:
        problem = f"token id {largest}; the vocabulary has {vocabulary}"
    elif room < 1:
        problem = f"{len(completion)} tokens leave no room for a prompt in a context of {context}"
    elif len(prompt) > room and not truncate:
        problem = f"{len(prompt)} + {len(completion)} tokens; the judge's context has {context}"
    cut = truncate and not problem and len(prompt) > room
    return Answer(
        prompt[-room:] if cut else prompt,
        completion,
        cut,
        problem,
        time.perf_counter() - started,
    )


def share_prompts(answers: Sequence[Answer], max_tokens: int) -> list[list[int]]:
    """Indices of the answers that fit, in groups with one prompt and at most so many tokens.

    An answer above `max_tokens` is a group by itself.
    """
    of_prompt: defaultdict[tuple[int, ...], list[list[int]]] = defaultdict(list)
    tokens: dict[tuple[int, ...], int] = {}
    for i, answer in enumerate(answers):
        if answer.problem:
            continue
        groups, length = of_prompt[answer.prompt_ids], len(answer.completion_ids)
        if not groups or tokens[answer.prompt_ids] + length > max_tokens:
            groups.append([])
            tokens[answer.prompt_ids] = len(answer.prompt_ids)
        groups[-1].append(i)
        tokens[answer.prompt_ids] += length
    return [group for groups in of_prompt.values() for group in groups]


def token_group(answers: Sequence[Answer]) -> TokenGroup:
    """The group of answers to one prompt."""
    return TokenGroup(answers[0].prompt_ids, tuple(answer.completion_ids for answer in answers))
