"""Text to token ids, as the policy's chat template renders it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import TemplateError
from transformers import AutoTokenizer

from ratchet.process.conversation import TemplateRefuses


class ChatTokenizer:
    """The tokenizer and chat template of a folder in Hugging Face layout."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self.end_of_turn_id: int = self._tokenizer.eos_token_id

    def prompt_ids(self, messages: Sequence[tuple[str, str]]) -> tuple[int, ...]:
        """Ids of (role, content) pairs, up to where the assistant begins to write.

        Raises:
            TemplateRefuses: such as where the roles do not alternate and the template wants that.
        """
        turns = [{"role": role, "content": content} for role, content in messages]
        try:
            text = self._tokenizer.apply_chat_template(
                turns, tokenize=False, add_generation_prompt=True
            )
        except TemplateError as error:
            raise TemplateRefuses(f"the model's chat template refuses: {error}") from error
        return tuple(self._tokenizer.encode(text, add_special_tokens=False))

    def completion_ids(self, text: str, finished: bool = True) -> tuple[int, ...]:
        """Ids of an answer; a finished one closes with the end-of-turn token."""
        ids = tuple(self._tokenizer.encode(text, add_special_tokens=False))
        return (*ids, self.end_of_turn_id) if finished else ids

    def text(self, ids: Sequence[int]) -> str:
        """The text of ids, without special tokens."""
        return self._tokenizer.decode(list(ids), skip_special_tokens=True)


class ConversationTokenizer(ChatTokenizer):
    """Conversations as reward models are trained on them.

    What the chat template puts behind an answer comes behind each completion.
    """

    PROBE = "an answer"

    def __init__(self, folder: Path) -> None:
        """Raises ValueError where there is no chat template, or it does not show the answer."""
        super().__init__(folder)
        turns = [
            {"role": "user", "content": "a question"},
            {"role": "assistant", "content": self.PROBE},
        ]
        _, found, closing = self._tokenizer.apply_chat_template(turns, tokenize=False).rpartition(
            self.PROBE
        )
        if not found:
            raise ValueError("the chat template does not show the assistant's answer")
        self._closing: str = closing

    def completion_ids(self, text: str, finished: bool = True) -> tuple[int, ...]:
        """Ids of an answer; a finished one closes as the template closes it."""
        whole = text + self._closing if finished else text
        return tuple(self._tokenizer.encode(whole, add_special_tokens=False))
