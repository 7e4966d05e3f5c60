"""The prompts that every tested version of the policy answers."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ratchet.process.config import ConfigError
from ratchet.process.conversation import TemplateRefuses, check_conversation
from ratchet.process.errors import InvalidField
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.prompt_pb2 import PURPOSE_GATE, Prompt

CANARY = "canary/"
"""Before the ids of canaries: so their answers are known also where the file has been changed."""


@dataclass(frozen=True)
class GatePrompt:
    """A prompt that every tested version answers, and none is trained on."""

    prompt_id: str
    messages: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, prompt: Prompt) -> "GatePrompt":
        """The one that a record asked."""
        messages = tuple((message.role, message.content) for message in prompt.messages)
        return cls(prompt.prompt_id, messages)

    def for_version(self, version: int, standard_id: str, samples: int) -> Prompt:
        """As a record of topic `urgent-prompts`."""
        return Prompt(
            prompt_id=self.prompt_id,
            messages=[Message(role=role, content=content) for role, content in self.messages],
            standard_id=standard_id,
            samples=samples,
            purpose=PURPOSE_GATE,
            policy_version=version,
        )


def read_gate_prompts(path: Path | None, setting: str = "gate_prompts") -> list[GatePrompt]:
    """Read a JSONL file, a prompt a line; no path, no prompts. `setting` is what errors name.

    Raises:
        ConfigError: the file cannot be read, a line is wrong, an id comes twice or is a canary's.
    """
    if path is None:
        return []
    prompts: dict[str, GatePrompt] = {}
    number = 0
    try:
        # Of bytes, for there are line ends of Unicode that JSON lets stand inside of a text.
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            fields = json.loads(line)
            messages = tuple((str(role), str(content)) for role, content in fields["messages"])
            prompt = GatePrompt(str(fields["prompt_id"]), messages)
            check_conversation(prompt.for_version(0, "", 1).messages, "messages")
            if prompt.prompt_id in prompts:
                raise ConfigError(f"{setting}: line {number}: {prompt.prompt_id} comes twice")
            if prompt.prompt_id.startswith(CANARY):
                raise InvalidField("prompt_id", f"{CANARY} is put before the ids of canaries alone")
            prompts[prompt.prompt_id] = prompt
    except OSError as error:
        raise ConfigError(f"{setting}: {path}: {error.strerror}") from None
    except InvalidField as fault:
        raise ConfigError(f"{setting}: {path}: line {number}: {fault}") from None
    except (ValueError, KeyError, TypeError):
        raise ConfigError(
            f'{setting}: {path}: line {number} is not {{"prompt_id", "messages"}}'
        ) from None
    return list(prompts.values())


def check_room(
    prompts: Sequence[GatePrompt],
    prompt_ids: Callable[[Sequence[tuple[str, str]]], Sequence[int]],
    answer_tokens: int,
    context_tokens: int,
    setting: str = "gate_prompts",
) -> None:
    """Have the chat template, `prompt_ids`, render what the lines of a file ask.

    One that no version can answer would hold up learning.

    Raises:
        ConfigError: the template refuses a line, or with an answer it is longer than the context.
    """
    for number, prompt in enumerate(prompts, start=1):
        at = f"{setting}: line {number}: messages"
        try:
            tokens = len(prompt_ids(prompt.messages))
        except TemplateRefuses as error:
            raise ConfigError(f"{at}: {error}") from None
        if tokens + answer_tokens > context_tokens:
            raise ConfigError(
                f"{at}: {tokens} tokens, and {answer_tokens} for the answer (gate_answer_tokens), "
                f"are more than the context of {context_tokens}"
            )
