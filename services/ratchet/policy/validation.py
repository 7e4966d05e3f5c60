"""What a prompt must look like, whether it came by gRPC or from a topic."""

import math
from collections.abc import Callable, Sequence

from ratchet.policy.prompt_queue import PRIORITY
from ratchet.process.conversation import MAX_SAMPLES, TemplateRefuses, check_conversation
from ratchet.process.errors import InvalidField
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.policy_service_pb2 import GenerateRequest
from ratchet.v1.prompt_pb2 import Prompt

MAX_MESSAGES = 64
MAX_TEMPERATURE = 2.0

# The longest token of a usual vocabulary is far shorter: text above this cannot fit, and
# is refused before it costs a tokenizer its time.
_MAX_CHARACTERS_PER_TOKEN = 32

Render = Callable[[Sequence[tuple[str, str]]], tuple[int, ...]]


def check_messages(messages: Sequence[Message], context_tokens: int) -> None:
    """Raises InvalidField where the conversation is malformed or oversized."""
    check_conversation(messages, "messages")
    if len(messages) > MAX_MESSAGES:
        raise InvalidField("messages", f"must be at most {MAX_MESSAGES}, not {len(messages)}")
    limit = context_tokens * _MAX_CHARACTERS_PER_TOKEN
    for i, message in enumerate(messages):
        if len(message.content) > limit:
            raise InvalidField(
                f"messages[{i}].content",
                f"must be at most {limit} characters, not {len(message.content)}",
            )


def check_samples(field: str, samples: int) -> None:
    """Raises InvalidField where the number of answers wanted is 0 or too many."""
    if not 1 <= samples <= MAX_SAMPLES:
        raise InvalidField(field, f"must be 1 to {MAX_SAMPLES}, not {samples}")


def check_request(request: GenerateRequest, context_tokens: int) -> None:
    """Raises InvalidField for the first field of a call that is wrong."""
    check_messages(request.messages, context_tokens)
    check_samples("n", request.n)
    if request.max_tokens >= context_tokens:
        raise InvalidField(
            "max_tokens", f"must be below the context of {context_tokens}, not {request.max_tokens}"
        )
    temperature = request.temperature
    if not math.isfinite(temperature) or not 0 <= temperature <= MAX_TEMPERATURE:
        raise InvalidField("temperature", f"must be 0 to {MAX_TEMPERATURE:g}, not {temperature}")


def check_prompt(prompt: Prompt, context_tokens: int) -> None:
    """Raises InvalidField for the first field of a topic's prompt that is wrong."""
    if prompt.purpose not in PRIORITY:
        raise InvalidField("purpose", f"unknown purpose {prompt.purpose}")
    if not prompt.standard_id:
        raise InvalidField("standard_id", "is empty: nobody could label or grade the answers")
    check_messages(prompt.messages, context_tokens)
    check_samples("samples", prompt.samples)


def render_prompt(
    messages: Sequence[Message], render: Render, max_tokens: int, context_tokens: int
) -> tuple[int, ...]:
    """Ids of a conversation that was checked, as `render` (the chat template) makes them.

    Raises:
        InvalidField: The template refuses it, or with `max_tokens` more it is longer than the
            model's context; it is never cut.
    """
    try:
        prompt_ids = render([(message.role, message.content) for message in messages])
    except TemplateRefuses as error:
        raise InvalidField("messages", str(error)) from None
    if len(prompt_ids) + max_tokens > context_tokens:
        raise InvalidField(
            "messages",
            f"{len(prompt_ids)} tokens and {max_tokens} for the answer are more than the "
            f"context of {context_tokens}",
        )
    return prompt_ids
