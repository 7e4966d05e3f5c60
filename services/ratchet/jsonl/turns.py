"""Turns of a conversation, as a file may write them."""

import re
from typing import Any, TypeAlias, TypeGuard, cast

Turn: TypeAlias = dict[str, str]

NEITHER = "is neither a text nor a list of turns with role and content"

_SPEAKER = re.compile(r"(?:\A\s*|\n\n)(Human|Assistant):")
_ROLES = {"Human": "user", "Assistant": "assistant"}


def is_conversation(value: object) -> TypeGuard[list[Turn]]:
    """Whether it is a list of one {"role", "content"} or more, as TRL and OpenAI have them."""
    if not isinstance(value, list) or not value:
        return False
    turns = cast("list[object]", value)
    return all(isinstance(turn, dict) and _is_turn(cast("dict[str, Any]", turn)) for turn in turns)


def transcript_turns(text: str) -> list[Turn]:
    r"""Turns of "\n\nHuman: ...\n\nAssistant: ...", as hh-rlhf writes; none of other texts."""
    before, *parts = _SPEAKER.split(text)
    if before:
        return []
    return [
        {"role": _ROLES[speaker], "content": content.strip()}
        for speaker, content in zip(parts[::2], parts[1::2], strict=True)
    ]


def prompt_turns(prompt: object) -> list[Turn] | None:
    """A prompt's turns, None of what is no prompt.

    A text is a user's one turn, or a transcript that ends where the assistant begins to write.
    """
    if not isinstance(prompt, str):
        return prompt if is_conversation(prompt) else None
    *earlier, last = transcript_turns(prompt) or [{}]
    if earlier and last == {"role": "assistant", "content": ""}:
        return earlier
    return [{"role": "user", "content": prompt}]


def answer_turns(answer: object) -> list[Turn] | None:
    """An answer's turns, of which a text is one; None of what is no answer."""
    if isinstance(answer, str):
        return [{"role": "assistant", "content": answer}]
    return answer if is_conversation(answer) else None


def _is_turn(turn: dict[str, Any]) -> bool:
    return isinstance(turn.get("role"), str) and isinstance(turn.get("content"), str)
