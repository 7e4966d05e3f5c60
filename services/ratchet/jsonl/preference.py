"""A prompt and two answers of which somebody preferred one, as TRL's formats have them."""

from dataclasses import dataclass
from typing import Any, Self

from ratchet.jsonl.rows import BadRow, Row
from ratchet.jsonl.turns import (
    NEITHER,
    Turn,
    answer_turns,
    is_conversation,
    prompt_turns,
    transcript_turns,
)

NO_PROMPT = (
    'is neither a conversation nor a text such as "\\n\\nHuman: ...\\n\\nAssistant: ...", '
    "and there is no prompt beside it"
)


@dataclass(frozen=True)
class Preference:
    """One pair; the prompt's turns end before the answers."""

    prompt: list[Turn]
    chosen: str
    rejected: str

    @classmethod
    def of(cls, row: Row) -> Self:
        """Reads explicit prompts ("prompt", "chosen", "rejected") and implicit ones.

        Without "prompt" both others hold the whole conversation, and their turns before the last
        are the prompt. As in TRL that is so too where the prompt is a text and they are
        conversations that do not begin with the assistant.

        Raises:
            BadRow: the row holds no pair.
        """
        row.check()
        chosen, rejected = (_conversation(row.fields, name) for name in ("chosen", "rejected"))
        prompt = chosen[:-1]
        if not prompt:
            raise BadRow("prompt", "there is none: chosen and rejected have one turn")
        if prompt != rejected[:-1]:
            raise BadRow("rejected", "parts from chosen before the last turn")
        if chosen == rejected:
            raise BadRow("rejected", "is the same as chosen")
        return cls(prompt, chosen[-1]["content"], rejected[-1]["content"])


def _conversation(fields: dict[str, Any], name: str) -> list[Turn]:
    """The whole conversation that ends with an answer; nothing of a turn but role and content."""
    prompt, answer = fields.get("prompt"), fields.get(name)
    if prompt is None or (isinstance(prompt, str) and _holds_prompt(answer)):
        turns = transcript_turns(answer) if isinstance(answer, str) else answer_turns(answer)
        if not turns:
            raise BadRow(name, NEITHER if turns is None else NO_PROMPT)
    else:
        earlier, last = prompt_turns(prompt), answer_turns(answer)
        if earlier is None:
            raise BadRow("prompt", NEITHER)
        if last is None:
            raise BadRow(name, NEITHER)
        turns = [*earlier, *last]
    if turns[-1]["role"] != "assistant":
        raise BadRow(name, f"its last turn is of {turns[-1]['role']!r}, not of the assistant")
    return [{"role": turn["role"], "content": turn["content"]} for turn in turns]


def _holds_prompt(answer: object) -> bool:
    return is_conversation(answer) and answer[0]["role"] != "assistant"
