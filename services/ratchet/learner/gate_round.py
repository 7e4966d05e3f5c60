"""One version's turn at the gate prompts."""

import logging
from collections.abc import Iterable, Sequence

from ratchet.learner.gate_prompt import GatePrompt
from ratchet.learner.group_buffer import policy_versions
from ratchet.v1.judgement_pb2 import JudgedGroup

ASK_AGAIN_SECONDS = 5.0
"""After an answer by another version: it had not been swapped in when the prompt was read."""

LOST_SECONDS = 300.0
"""Without any answer."""

TRIES = 3
"""That a prompt may go without any answer."""

log = logging.getLogger(__name__)


class GateRound:
    """Collects one version's answers, and says which prompts to ask, at first or again.

    A prompt that was never answered is left out after some tries, once half of the others are
    answered: so few answers are lost where nobody can answer one, and none while nobody serves.
    """

    def __init__(
        self, prompts: Sequence[GatePrompt], version: int, answers: Iterable[JudgedGroup] = ()
    ) -> None:
        self.version = version
        self.left_out: list[GatePrompt] = []
        """Nobody has answered them."""
        self._prompts = {prompt.prompt_id: prompt for prompt in prompts}
        self._answers: dict[str, JudgedGroup] = {}
        self._ask_at = dict.fromkeys(self._prompts, 0.0)
        self._asked_at: dict[str, float] = {}
        self._tries = dict.fromkeys(self._prompts, 0)
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
            self._tries[prompt.prompt_id] = 0
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
        if 2 * len(self._answers) >= len(self._prompts):
            for prompt in [each for each in due if self._tries[each.prompt_id] >= TRIES]:
                self._leave_out(prompt)
                due.remove(prompt)
        for prompt in due:
            self._asked_at[prompt.prompt_id] = now
            self._ask_at[prompt.prompt_id] = now + LOST_SECONDS
            self._tries[prompt.prompt_id] += 1
        return due

    @property
    def answers(self) -> list[JudgedGroup]:
        """What is there so far, in the order of the prompts."""
        return [self._answers[name] for name in self._prompts if name in self._answers]

    @property
    def complete(self) -> bool:
        """Whether every prompt is answered, or left out."""
        return len(self.answers) == len(self._prompts)

    def _leave_out(self, prompt: GatePrompt) -> None:
        log.warning(
            "gate prompt %s: asked %d times and never answered, so it is left out until the next "
            "start; the topic dead-letters may say why",
            prompt.prompt_id,
            TRIES,
        )
        del self._prompts[prompt.prompt_id]
        self.left_out.append(prompt)
