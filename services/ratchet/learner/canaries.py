"""Prompts whose right answers are known: what checks say of them depends on no judge."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ratchet.learner.gate_prompt import CANARY, GatePrompt, read_gate_prompts
from ratchet.process.config import ConfigError
from ratchet.standard.checks.any_check import AnyCheck
from ratchet.standard.checks.base import Check, CheckFailed
from ratchet.v1.judgement_pb2 import JudgedGroup

log = logging.getLogger(__name__)

_CHECKS: TypeAdapter[tuple[AnyCheck, ...]] = TypeAdapter(tuple[AnyCheck, ...])


@dataclass(frozen=True)
class Canaries:
    """Prompts, and of each what a right answer meets for sure."""

    prompts: Sequence[GatePrompt] = ()
    checks: Mapping[str, Sequence[Check]] = field(default_factory=dict[str, Sequence[Check]])
    """By the prompt's id."""

    def met(self, judged: Sequence[JudgedGroup]) -> float | None:
        """Share of the checks that the answers to canaries meet; None where there is none.

        A check that cannot tell of an answer is left out.
        """
        met: list[bool] = []
        for group in (each.group for each in judged):
            asked = "\n".join(message.content for message in group.prompt.messages)
            for check in self.checks.get(group.prompt.prompt_id, ()):
                for completion in group.completions:
                    try:
                        met.append(not check.fault(asked, completion.text))
                    except CheckFailed as error:
                        log.warning("%s: a check cannot tell: %s", group.prompt.prompt_id, error)
        return sum(met) / len(met) if met else None


NO_CANARIES = Canaries()


def read_canaries(path: Path | None) -> Canaries:
    """Read a JSONL file; no path, no canaries.

    Raises:
        ConfigError: the file cannot be read, a line is wrong or has no check, an id comes twice.
    """
    prompts = read_gate_prompts(path, "canaries")
    if path is None:
        return NO_CANARIES
    checks: dict[str, Sequence[Check]] = {}
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        fields = json.loads(line)
        at = f"canaries: {path}: line {number}: checks"
        try:
            found = _CHECKS.validate_python(tuple(fields.get("checks", ())))
        except (ValidationError, TypeError) as error:
            raise ConfigError(f"{at}: {error}") from None
        if not found:
            raise ConfigError(f"{at}: there are none")
        checks[CANARY + str(fields["prompt_id"])] = found
    named = [replace(prompt, prompt_id=CANARY + prompt.prompt_id) for prompt in prompts]
    return Canaries(named, checks)


def without_canaries(judged: Sequence[JudgedGroup]) -> list[JudgedGroup]:
    """Those that a judge's opinion is asked of."""
    return [each for each in judged if not each.group.prompt.prompt_id.startswith(CANARY)]
