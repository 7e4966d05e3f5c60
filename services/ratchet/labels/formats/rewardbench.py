"""Lines as RewardBench has them: TRL's, with an id, the models' names and a subset."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from ratchet.feedback.pairs import IMPORT
from ratchet.jsonl.rows import BadRow, Row
from ratchet.jsonl.turns import Turn, prompt_turns
from ratchet.labels.formats.trl import Trl, chosen_and_rejected
from ratchet.labels.pair import turns
from ratchet.v1.preference_pb2 import VOTE_A, Preference
from ratchet.v1.rollout_pb2 import Completion


class RewardBench:
    """A prompt of one turn is a text, as there; of several, a conversation."""

    has_ties: ClassVar[bool] = False
    one_array: ClassVar[bool] = False

    @staticmethod
    def recognizes(fields: Mapping[str, Any]) -> bool:
        """By the subset beside TRL's fields."""
        return Trl.recognizes(fields) and "subset" in fields

    def read(self, row: Row) -> Iterator[Preference | BadRow]:
        """The one preference of a line."""
        subset = row.fields.get("subset", "")
        if not isinstance(subset, str):
            raise BadRow("subset", "is no text")
        for found in Trl().read(row):
            if isinstance(found, Preference):
                found.comparison.subset = subset
            yield found

    def rows(self, preferences: Sequence[Preference]) -> Iterator[dict[str, Any]]:
        """A line for each; the subset of one labeled here is why its pair was picked."""
        for preference in preferences:
            comparison = preference.comparison
            chosen, rejected = chosen_and_rejected(preference)
            answers = [comparison.answer_a, comparison.answer_b]
            models = [_model(answer) for answer in answers]
            if preference.vote != VOTE_A:
                models.reverse()
            picked = comparison.picked_because
            yield {
                "id": comparison.pair_id,
                "prompt": _prompt(turns(comparison)),
                "chosen": chosen,
                "chosen_model": models[0],
                "rejected": rejected,
                "rejected_model": models[1],
                "subset": comparison.subset or ("" if picked == IMPORT else picked),
            }


def _prompt(conversation: list[Turn]) -> str | list[Turn]:
    # A text that reads as a transcript would come back as the turns in it.
    text = conversation[0]["content"]
    return text if prompt_turns(text) == conversation else conversation


def _model(answer: Completion) -> str:
    version = max((span.policy_version for span in answer.weight_spans), default=0)
    return f"policy/{version}" if version else ""
