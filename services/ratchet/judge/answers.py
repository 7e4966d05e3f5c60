"""Texts to the token groups that the model scores."""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ratchet.reward.packing import TokenGroup
from ratchet.v1.judge_service_pb2 import ScoreItem


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
    too_long: str
    """Why it does not fit the context; empty where it does."""
    seconds: float


def tokenize(item: ScoreItem, tokenizer: Tokenizer, context: int, truncate: bool) -> Answer:
    """Ids of an item. With `truncate` the prompt loses from its left what is above the context."""
    started = time.perf_counter()
    prompt = tokenizer.prompt_ids([(turn.role, turn.content) for turn in item.messages])
    completion = tokenizer.completion_ids(item.completion)
    room = context - len(completion)
    too_long = ""
    if room < 1:
        too_long = f"{len(completion)} tokens leave no room for a prompt in a context of {context}"
    elif len(prompt) > room and not truncate:
        too_long = f"{len(prompt)} + {len(completion)} tokens; the judge's context has {context}"
    cut = truncate and not too_long and len(prompt) > room
    return Answer(
        prompt[-room:] if cut else prompt,
        completion,
        cut,
        too_long,
        time.perf_counter() - started,
    )


def share_prompts(answers: Sequence[Answer], max_tokens: int) -> list[list[int]]:
    """Indices of the answers that fit, in groups with one prompt and at most so many tokens.

    An answer above `max_tokens` is a group by itself.
    """
    of_prompt: defaultdict[tuple[int, ...], list[list[int]]] = defaultdict(list)
    tokens: dict[tuple[int, ...], int] = {}
    for i, answer in enumerate(answers):
        if answer.too_long:
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
