"""The newest answers, to try a standard on before it is saved."""

from dataclasses import dataclass, field

from ratchet.feedback.pairs import OFFERED_PURPOSES
from ratchet.v1.rollout_pb2 import RolloutGroup

MOST_GROUPS = 200
"""Of all standards together, one answer each; the oldest make way."""


@dataclass(frozen=True)
class RecentAnswer:
    """An answer as a check reads it."""

    standard_id: str
    prompt: str
    """the texts of all turns, a line each"""
    text: str
    prompt_id: str = field(default="", compare=False)


class RecentAnswers:
    """One answer of every new group, whoever judged it. Not thread-safe.

    Answers to gate prompts stay out: a check that was fitted to them would be no test of them.
    """

    def __init__(self) -> None:
        self._answers: dict[str, RecentAnswer] = {}  # by group id

    def add(self, group: RolloutGroup) -> None:
        """Notes a group's first answer; again changes nothing."""
        prompt = group.prompt
        known = group.group_id in self._answers
        if known or prompt.purpose not in OFFERED_PURPOSES or not group.completions:
            return
        turns = "\n".join(message.content for message in prompt.messages)
        text = group.completions[0].text
        answer = RecentAnswer(prompt.standard_id, turns, text, prompt.prompt_id)
        self._answers[group.group_id] = answer
        if len(self._answers) > MOST_GROUPS:
            del self._answers[next(iter(self._answers))]

    def forget(self, prompt_id: str) -> None:
        """Takes out what was answered to an erased prompt."""
        for group_id, answer in list(self._answers.items()):
            if answer.prompt_id == prompt_id:
                del self._answers[group_id]

    def newest(self, standard_id: str, most: int) -> list[RecentAnswer]:
        """The newest first: those written under a standard or, where there are none, under any."""
        newest = list(self._answers.values())[::-1]
        own = [answer for answer in newest if answer.standard_id == standard_id]
        return (own or newest)[:most]
