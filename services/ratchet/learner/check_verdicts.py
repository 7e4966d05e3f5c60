"""What checks say of answers that people have labeled, or that a policy gave to gate prompts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ratchet.reward.criterion_checks import CriterionChecks
from ratchet.standard.checks.base import CheckFailed
from ratchet.v1.preference_pb2 import Comparison
from ratchet.v1.prompt_pb2 import Prompt

if TYPE_CHECKING:
    from ratchet.reward.heads import Heads, Scores, Verdict


class CheckVerdicts:
    """Remembers what was found: a check always says the same, and a program takes its time."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], Verdict] = {}

    def of(self, checks: CriterionChecks, prompt: Prompt, answer: str) -> "Verdict":
        """What each check says of an answer, or why one cannot tell."""
        key = _key(checks, prompt, answer)
        if key not in self._known:
            try:
                self._known[key] = checks.broken_C(*key[1:])
            except CheckFailed as error:
                self._known[key] = str(error)
        return self._known[key]

    def has_pair(self, checks: CriterionChecks, pair: Comparison) -> bool:
        """Whether nothing needs to be run for `of_pair`."""
        answers = (pair.answer_a, pair.answer_b)
        return all(_key(checks, pair.prompt, answer.text) in self._known for answer in answers)

    def of_pair(self, checks: CriterionChecks, pair: Comparison) -> "tuple[Verdict, Verdict]":
        """The same of both answers."""
        a, b = (
            self.of(checks, pair.prompt, answer.text) for answer in (pair.answer_a, pair.answer_b)
        )
        return a, b

    def obeyed(
        self, heads: "Heads", scores: "Scores", prompt: Prompt, answers: Sequence[str]
    ) -> "Scores":
        """The scores of some answers to a prompt, where the checks of the standard have told."""
        if not heads.checks:
            return scores
        return heads.obey(scores, [self.of(heads.checks, prompt, each) for each in answers])


def _key(checks: CriterionChecks, prompt: Prompt, answer: str) -> tuple[str, str, str]:
    """The checks, what was asked, and the answer."""
    return checks.key, "\n".join(message.content for message in prompt.messages), answer
