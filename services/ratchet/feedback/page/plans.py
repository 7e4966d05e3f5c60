"""What an operator is about to do, in plain words, before it is done."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from ratchet.feedback.history import History
from ratchet.feedback.learner_client import LearnerClient
from ratchet.process.errors import FieldNotFound
from ratchet.v1.weights_pb2 import ROLE_JUDGE, GateFigure, Manifest, Pointer, Role
from ratchet.weights.role_name import role_named

DOES = {
    "judge": "{new} grades answers from now on, in place of {old}, and is what a later roll-back "
    "goes back to.",
    "policy": "{new} writes answers from now on, in place of {old}, and is what a later roll-back "
    "goes back to. Learning goes on from there; versions after it that are not proven are turned "
    "down.",
}
GOES_BACK = {
    "judge": "Judge {floor} grades answers again, in place of {old}.",
    "policy": "The weights of policy {floor} return under a new number, in place of {old}, and "
    "learning goes on from there. Answers of the versions in between teach nothing.",
}

ANEW = (
    "How far it may act alone starts anew: it has what people's labels since the last fall prove "
    "of it, and nothing of what {old} has earned. Until that is counted its scores teach nothing."
)
"""Of a judge, where the gate is on."""


@dataclass(frozen=True)
class Plan:
    """One action."""

    title: str
    text: Sequence[str]
    action: str
    """as the audit names it"""
    detail: str
    seen: str
    """What the plan was made on: if that is another by the time of the answer, it is not done."""
    do: Callable[[str], Awaitable[None]]
    """Takes the name of who asks."""
    button: str = ""
    """Empty: there is nothing to be done."""
    figures: Sequence[GateFigure] = ()


class Plans:
    """Makes them from what the topics say and the learner tells."""

    def __init__(self, history: History, learner: LearnerClient) -> None:
        self._history = history
        self._learner = learner

    async def promote(self, standard_id: str, name: str, number: str) -> Plan:
        """Puts a version in use.

        Raises FieldNotFound where the standard has no such version, and as LearnerClient does.
        """
        role = _role(name)
        # As many digits as a version may have; of thousands int() makes nothing.
        version = int(number) if re.fullmatch("[0-9]{1,20}", number) else 0
        manifest = self._history.ledger.manifests.get((role, version))
        if manifest is None or manifest.standard_id != standard_id:
            raise FieldNotFound("version", f"there is no {name} {number:.20} of this standard")
        pointer = self._pointer(role)
        new, old = f"{name.capitalize()} {version}", f"{name} {pointer.version}"
        kept = version in await self._learner.kept_versions(role)
        if version == pointer.version:
            text = [f"{new} is in use already."]
        elif not kept:
            text = [f"{new} is no longer kept, so that it cannot be used again."]
        else:
            text = [
                DOES[name].format(new=new, old=old),
                *self._anew(standard_id, role, old),
                *_gate_words(manifest),
                f"To undo this, choose {old} in the same way.",
            ]
        return Plan(
            title=f"Use {name} {version}?",
            text=text,
            action="weights.promote",
            detail=f"{name} {version} in place of {pointer.version}",
            seen=str(pointer.epoch),
            do=lambda actor: self._learner.promote(actor, role, version, pointer.epoch),
            button=f"Use {name} {version}" if kept and version != pointer.version else "",
            figures=manifest.gate_report.figures,
        )

    async def roll_back(self, standard_id: str, name: str) -> Plan:
        """Goes back to the floor; raises FieldNotFound where nothing of this standard is in use."""
        role = _role(name)
        if self._history.in_force(role, standard_id) is None:
            raise FieldNotFound("role", f"no {name} of this standard is in use")
        pointer = self._pointer(role)
        floor, old = pointer.floor_version, f"{name} {pointer.version}"
        possible = floor not in (0, pointer.version)
        if possible:
            text = [
                GOES_BACK[name].format(floor=floor, old=old),
                *self._anew(standard_id, role, old),
            ]
        else:
            text = [
                f"{old.capitalize()} is in use and is the proven version itself: there is nothing "
                "to go back to. An older one can be chosen on the status page."
            ]
        return Plan(
            title=f"Go back to the proven {name}?",
            text=text,
            action="weights.rollback",
            detail=f"{name} {pointer.version} to {floor}",
            seen=str(pointer.epoch),
            do=lambda actor: self._learner.roll_back(actor, role, pointer.epoch),
            button=f"Go back to {name} {floor}" if possible else "",
        )

    async def learning(self) -> Plan:
        """Pause, or go on; raises as LearnerClient does."""
        progress = await self._learner.progress()
        if progress.paused or progress.halted:
            why = "is paused." if progress.paused else "has halted: several losses were not finite."
            return Plan(
                title="Let learning go on?",
                text=[f"Learning {why} What has come in meanwhile is learned from then."],
                action="learner.resume",
                detail="",
                seen="standing",
                do=self._learner.resume,
                button="Go on learning",
            )
        return Plan(
            title="Pause learning?",
            text=[
                "No new version of judge or policy is made until you let learning go on. What is "
                "in use answers and grades on, and people can label."
            ],
            action="learner.pause",
            detail="",
            seen="learning",
            do=self._learner.pause,
            button="Pause learning",
        )

    def _anew(self, standard_id: str, role: Role, old: str) -> list[str]:
        gated = role == ROLE_JUDGE and standard_id in self._history.gates
        return [ANEW.format(old=old)] if gated else []

    def _pointer(self, role: Role) -> Pointer:
        return self._history.ledger.pointers.get(role, Pointer(role=role))


def _role(name: str) -> Role:
    try:
        return role_named(name)
    except ValueError:
        raise FieldNotFound("role", f"there is no {name!r}, only judge and policy") from None


def _gate_words(manifest: Manifest) -> list[str]:
    report = manifest.gate_report
    words = [f"Its gate said: {report.reason}"] if report.reason else []
    if not report.passed:
        of_judge = "judges as people do" if manifest.role == ROLE_JUDGE else "is no worse"
        words.append(f"No gate has proven it: nothing shows so far that it {of_judge}.")
    return words
