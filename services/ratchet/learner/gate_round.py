"""One version's turn at the gate prompts."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ratchet.learner.group_buffer import policy_versions
from ratchet.process.config import ConfigError
from ratchet.process.conversation import check_conversation
from ratchet.process.errors import InvalidField
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.prompt_pb2 import PURPOSE_GATE, Prompt

ASK_AGAIN_SECONDS = 5.0
"""After an answer by another version: it had not been swapped in when the prompt was read."""

LOST_SECONDS = 300.0
"""Without any answer."""


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
    """Read a JSONL file; no path, no prompts. `setting` is what errors name.

    Raises:
        ConfigError: the file cannot be read, a line is wrong, an id comes twice.
    """
    if path is None:
        return []
    prompts: dict[str, GatePrompt] = {}
    number = 0
    try:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            fields = json.loads(line)
            messages = tuple((str(role), str(content)) for role, content in fields["messages"])
            prompt = GatePrompt(str(fields["prompt_id"]), messages)
            check_conversation(prompt.for_version(0, "", 1).messages, "messages")
            if prompt.prompt_id in prompts:
                raise ConfigError(f"{setting}: line {number}: {prompt.prompt_id} comes twice")
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


class GateRound:
    """Collects one version's answers, and says which prompts to ask, at first or again."""

    def __init__(
        self, prompts: Sequence[GatePrompt], version: int, answers: Iterable[JudgedGroup] = ()
    ) -> None:
        self.version = version
        self._prompts = {prompt.prompt_id: prompt for prompt in prompts}
        self._answers: dict[str, JudgedGroup] = {}
        self._ask_at = dict.fromkeys(self._prompts, 0.0)
        self._asked_at: dict[str, float] = {}
        for judged in answers:
            self.take(judged)

    def take(self, judged: JudgedGroup) -> bool:
        """Keep an answer; False where it belongs to no prompt, or not to this version alone."""
        prompt = judged.group.prompt
        asked = self._prompts.get(prompt.prompt_id)
        if asked != GatePrompt.of(prompt) or prompt.policy_version != self.version:
            return False
        if policy_versions(judged.group) != {self.version}:
            asked_at = self._asked_at.get(prompt.prompt_id, 0.0)
            self._ask_at[prompt.prompt_id] = asked_at + ASK_AGAIN_SECONDS
            return False
        self._answers[prompt.prompt_id] = judged
        return True

    def to_ask(self, now: float) -> list[GatePrompt]:
        """The unanswered prompts that are due; each is due again later if no answer comes."""
        due = [
            prompt
            for prompt_id, prompt in self._prompts.items()
            if prompt_id not in self._answers and self._ask_at[prompt_id] <= now
        ]
        for prompt in due:
            self._asked_at[prompt.prompt_id] = now
            self._ask_at[prompt.prompt_id] = now + LOST_SECONDS
        return due

    @property
    def answers(self) -> list[JudgedGroup]:
        """What is there so far, in the order of the prompts."""
        return [self._answers[name] for name in self._prompts if name in self._answers]

    @property
    def complete(self) -> bool:
        """Whether every prompt is answered."""
        return len(self.answers) == len(self._prompts)
