"""The requests of both clients."""

from collections.abc import Sequence
from typing import TypedDict, Unpack

from ratchet.client.text import Completion, Prompt, is_token_ids, messages, packed, plain
from ratchet.v1 import judge_service_pb2 as pb


class Options(TypedDict, total=False):
    """Which judge is asked, and how."""

    judge: str
    """A name of `judges()`; the server's default judge otherwise."""
    judge_version: int
    """0: the serving version."""
    standard_id: str
    """Refused by the server where the judge has another."""
    truncate: bool
    """Cut prompts from the left that are longer than the judge's context."""


def is_one(completions: Completion | Sequence[Completion]) -> bool:
    """Whether a single answer is meant."""
    return isinstance(completions, str) or is_token_ids(completions)


def score_group(
    prompt: Prompt, completions: Sequence[Completion], **options: Unpack[Options]
) -> pb.ScoreGroupRequest:
    """Several answers to one prompt. Raises ValueError where texts and token ids are mixed."""
    by_ids = [is_token_ids(completion) for completion in completions]
    if any(by_ids) and not all(by_ids):
        raise ValueError("completions: texts and token ids are mixed")
    return pb.ScoreGroupRequest(
        messages=messages(prompt),
        prompt_token_ids=packed(prompt),
        completions=[] if any(by_ids) else [plain(each) for each in completions],
        completion_token_ids=[packed(each) for each in completions] if any(by_ids) else [],
        **options,
    )


def score(
    items: Sequence[tuple[Prompt, Completion]], **options: Unpack[Options]
) -> pb.ScoreRequest:
    """Answers to prompts of their own."""
    return pb.ScoreRequest(
        items=[
            pb.ScoreItem(
                messages=messages(prompt),
                completion=plain(completion),
                prompt_token_ids=packed(prompt),
                completion_token_ids=packed(completion),
            )
            for prompt, completion in items
        ],
        **options,
    )


def compare(
    prompt: Prompt, completion_a: Completion, completion_b: Completion, **options: Unpack[Options]
) -> pb.CompareRequest:
    """Two answers to one prompt."""
    return pb.CompareRequest(
        messages=messages(prompt),
        prompt_token_ids=packed(prompt),
        completion_a=plain(completion_a),
        completion_b=plain(completion_b),
        completion_a_token_ids=packed(completion_a),
        completion_b_token_ids=packed(completion_b),
        **options,
    )
