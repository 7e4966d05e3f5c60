"""An answer with a question on each criterion behind it, as the model's tokens."""

from collections.abc import Sequence
from pathlib import Path

from ratchet.demo.shop_standard import SENTENCES
from ratchet.reward.packing import TokenGroup
from ratchet.reward.tokens import ChatTokenizer
from ratchet.v1.rollout_pb2 import RolloutGroup

TASK = "You check the answers of a shop's customer support. Reply with Yes or No only."
BEGIN = "\n\nIs this true? "


class Questioner:
    """Asks by the chat template: what all criteria share is a prompt, each rule a completion."""

    def __init__(self, model: Path) -> None:
        self._tokenizer = ChatTokenizer(model)
        [self.yes], [self.no] = (self._tokenizer.completion_ids(w, False) for w in ("Yes", "No"))

    def groups(self, groups: Sequence[RolloutGroup]) -> list[TokenGroup]:
        """For every answer a group of C questions."""
        return [
            self._group(group.prompt.messages[-1].content, completion.text)
            for group in groups
            for completion in group.completions
        ]

    def _group(self, asked: str, answer: str) -> TokenGroup:
        seen = f"A customer wrote: {asked}\n\nThe answer: {answer}"
        whole = [
            self._tokenizer.prompt_ids([("system", TASK), ("user", f"{seen}{BEGIN}{sentence}")])
            for _, sentence in SENTENCES.values()
        ]
        shared = min(_common(whole[0], ids) for ids in whole[1:])
        return TokenGroup(whole[0][:shared], tuple(ids[shared:] for ids in whole))


def _common(a: Sequence[int], b: Sequence[int]) -> int:
    """Length of the common beginning, less than either."""
    pairs = zip(a, b, strict=False)
    found = next((i for i, (x, y) in enumerate(pairs) if x != y), min(len(a), len(b)))
    return min(found, len(a) - 1, len(b) - 1)
