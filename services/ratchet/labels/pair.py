"""A prompt and two answers as a file has them."""

from collections.abc import Sequence
from typing import NamedTuple

from ratchet.jsonl.rows import BadRow
from ratchet.jsonl.turns import Turn
from ratchet.process.conversation import check_conversation
from ratchet.process.errors import InvalidField
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.preference_pb2 import Comparison
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import Completion


class Fields(NamedTuple):
    """What the parts of a pair are called in the file, for errors."""

    prompt: str
    answer_a: str
    answer_b: str


def pair(prompt: Sequence[Turn], answer_a: str, answer_b: str, fields: Fields) -> Comparison:
    """A comparison of texts alone, without ids and tokens.

    Raises:
        BadRow: a part is empty, or no text that UTF-8 can write; the answers are the same.
    """
    texts = [(fields.prompt, turn["role"] + turn["content"]) for turn in prompt]
    for field, text in [*texts, (fields.answer_a, answer_a), (fields.answer_b, answer_b)]:
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise BadRow(field, "holds half of a surrogate pair, which is no text")
    comparison = Comparison(
        prompt=Prompt(
            messages=[Message(role=turn["role"], content=turn["content"]) for turn in prompt]
        ),
        answer_a=Completion(text=answer_a),
        answer_b=Completion(text=answer_b),
    )
    check_pair(comparison, fields)
    return comparison


def check_pair(comparison: Comparison, fields: Fields) -> None:
    """Raises BadRow where a part of the pair is empty or a role unknown, or both are the same."""
    try:
        check_conversation(comparison.prompt.messages, fields.prompt)
    except InvalidField as error:
        raise BadRow("", str(error)) from None
    a, b = comparison.answer_a.text, comparison.answer_b.text
    for field, text in ((fields.answer_a, a), (fields.answer_b, b)):
        if not text.strip():
            raise BadRow(field, "is empty")
    if a == b:
        raise BadRow(fields.answer_b, f"is the same as {fields.answer_a}")


def turns(comparison: Comparison) -> list[Turn]:
    """The prompt's turns."""
    return [
        {"role": message.role, "content": message.content} for message in comparison.prompt.messages
    ]
