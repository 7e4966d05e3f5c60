"""Prompts that wait for an answer, in the order in which they get one."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from ratchet.v1.prompt_pb2 import Prompt, Purpose

PRIORITY: tuple[Purpose, ...] = (
    Purpose.PURPOSE_GATE,
    Purpose.PURPOSE_LABEL,
    Purpose.PURPOSE_TRAIN,
)


@dataclass(frozen=True)
class WaitingPrompt:
    """A valid prompt and where it came from."""

    partition: int
    offset: int
    prompt: Prompt
    prompt_ids: tuple[int, ...]
    urgent: bool = False
    """Whether it came from the topic `urgent-prompts`."""

    @property
    def group_id(self) -> str:
        """The same however often the prompt is answered, so that the learner applies it once."""
        return f"{'u' if self.urgent else 'p'}{self.partition}-{self.offset}"


class PromptQueue:
    """Gate prompts first, then those for people, then training; each in order of arrival."""

    def __init__(self) -> None:
        self._waiting: dict[Purpose, deque[WaitingPrompt]] = {
            purpose: deque() for purpose in PRIORITY
        }

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def waiting(self, purpose: Purpose) -> int:
        """Prompts of one purpose that wait."""
        return len(self._waiting[purpose])

    def add(self, prompt: WaitingPrompt) -> None:
        """Appends a prompt; its purpose must be one of `PRIORITY`."""
        self._waiting[prompt.prompt.purpose].append(prompt)

    def has_next(self, served_version: int, training_groups: int) -> bool:
        """Whether `take` would find a prompt, given room."""
        return any(True for _ in self._eligible(served_version, training_groups))

    def take(
        self, served_version: int, training_groups: int, room: int, oversize: bool
    ) -> list[WaitingPrompt]:
        """Removes the prompts to answer next, up to the first that finds no room.

        Args:
            served_version: Gate prompts for a later version stay.
            training_groups: Training prompts to take, at most.
            room: Answers to all that is taken, at most.
            oversize: A first prompt that wants more than the room is taken alone.
        """
        taken: list[WaitingPrompt] = []
        for candidate in self._eligible(served_version, training_groups):
            room -= candidate.prompt.samples
            if room < 0 and (taken or not oversize):
                break
            taken.append(candidate)
        ids = set(map(id, taken))
        for purpose, waiting in self._waiting.items():
            self._waiting[purpose] = deque(p for p in waiting if id(p) not in ids)
        return taken

    def _eligible(self, served_version: int, training_groups: int) -> Iterator[WaitingPrompt]:
        for waiting in self._waiting[Purpose.PURPOSE_GATE]:
            if waiting.prompt.policy_version <= served_version:
                yield waiting
        yield from self._waiting[Purpose.PURPOSE_LABEL]
        training = self._waiting[Purpose.PURPOSE_TRAIN]
        yield from (training[i] for i in range(min(training_groups, len(training))))
