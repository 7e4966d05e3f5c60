"""What one run of the demo does."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ratchet.demo.shop_standard import STANDARD_ID

FIRST_LABEL_PROMPTS = 56
"""Prompts whose answers are labeled before the first judge is tried."""

MORE_LABEL_PROMPTS = 20
"""Further ones, each time that the gate did not find a judge proven."""

SECOND_LABEL_PROMPTS = 180
"""Prompts whose answers are labeled once a judge is proven and before the policy is taught: its
first updates are as good as this judge."""

PAIRS_PER_VERSION = 8
"""Pairs of each later version that are labeled: what is left of the marks, spread over all."""

ANSWERS_TO_LABEL = 2
"""Answers to each of these."""

GROUPS_PER_UPDATE = 8
COMPLETIONS = 8

Labeler = Literal["simulated", "console", "page"]


@dataclass(frozen=True)
class DemoPlan:
    """The figures of one run, fixed before it begins."""

    updates: int
    """At most."""
    minutes: float
    """That the whole run may take; a slow machine makes fewer updates."""
    teaching_minutes: float
    """From the services' readiness until the last update, as the pace foretells it."""
    answers: int
    """Answers to never-trained prompts, two a prompt, that are measured before and after."""
    seed: int
    labeler: Labeler
    marks: int
    """Marked answers, at most."""
    drill: bool
    """Whether one more update is spoiled on purpose at the end, which the gate must undo."""

    @property
    def training_prompts(self) -> int:
        """Enough for every update, and for groups that are discarded with a rejected version."""
        return GROUPS_PER_UPDATE * (self.updates + self.drill + 4)

    @property
    def updates_to_end(self) -> int:
        """How many take as long as what follows the last one.

        That is its test, its answers and the report; and the spoiled update with its own test.
        """
        return 7 if self.drill else 4

    def settings(self, gate_prompts: Path) -> list[str]:
        """What the services are told, as `--set` takes it."""
        return [
            f"learner.standard_id={STANDARD_ID}",
            f"learner.gate_prompts={gate_prompts}",
            f"learner.updates_wanted={self.updates}",
            f"learner.groups_per_update={GROUPS_PER_UPDATE}",
            f"learner.judge.first_marks={FIRST_LABEL_PROMPTS * ANSWERS_TO_LABEL}",
            f"learner.trainer.seed={self.seed}",
            f"feedback.pairs_per_version={PAIRS_PER_VERSION}",
            f"policy.groups_per_version={GROUPS_PER_UPDATE}",
            # One large batch takes less time than two, and nobody else waits.
            "policy.max_num_seqs=160",
            "policy.interactive_seqs=96",
            # A new version comes when the learner has one; nothing is lost that would need a push.
            "policy.stall_seconds=3600",
        ]
