"""The gate of a standard: what state its judge has earned, and when it loses it."""

from collections.abc import Iterable

from pydantic import BaseModel

from ratchet.autonomy.change import ChangeWealth
from ratchet.autonomy.drift import Answer, Drift
from ratchet.autonomy.evidence import Evidence
from ratchet.autonomy.label import Label
from ratchet.autonomy.settings import GateSettings
from ratchet.autonomy.state import State
from ratchet.autonomy.wealth import PROOF
from ratchet.v1.weights_pb2 import GateFigure, GateReport

MAY = {
    State.LEARNING: "is learning: people label all, and no score trains the policy",
    State.ASSISTED: "is assisted: its scores train the policy, and people label a share",
    State.AUTONOMOUS: "is autonomous: people audit a small random share",
}


class Standing(BaseModel):
    """All that the gate knows of a standard."""

    state: State = State.LEARNING
    judge_version: int = 0
    """The version in force, whose state it is; 0 before the first."""
    evidence: Evidence = Evidence()
    """Of the version in force, since it came or since the last fall."""
    audits: list[ChangeWealth] = []
    """One for each state from `assisted` to the present one, each since that state was entered: the
    bettor who expects that the judge no longer agrees with people as that state demands."""
    drift: Drift = Drift()
    """Since the state was entered."""
    last_fall: str = ""
    """What took the last state back, in words."""


class Gate:
    """Raises and lowers the state of one standard; `standing` is changed in place.

    *Up*, one state after the other, once the evidence holds all that the next state demands.
    *Down*, one state, when the audit of a state or drift says so. The audits of lower states go on
    meanwhile, so that a judge that is broken altogether falls through both at about the same time.
    After a fall all evidence starts anew: labels from before it prove nothing of what came after.

    *A new version* starts with wealth 1 and in `learning`. It may be given the labels of the
    hold-out, from those after the last fall on, and then has whatever state it earns from them by
    itself. Until that is the present state it should stay a candidate, while the proven version
    goes on serving: so a state is never lent, and a refit never stops a loop that is proven.
    """

    def __init__(self, settings: GateSettings, standing: Standing) -> None:
        self._settings = settings
        self.standing = standing

    @property
    def label_share(self) -> float:
        """Share of pairs that people are to label."""
        return self._settings.label_share(self.standing.state)

    def take_up(self, judge_version: int, labels: Iterable[Label] = ()) -> None:
        """Put a judge version in force, with the labels that bet on it, in their order."""
        self._enter(State.LEARNING)
        self.standing.judge_version, self.standing.evidence = judge_version, Evidence()
        for label in labels:
            self.add_label(label)

    def add_label(self, label: Label) -> bool:
        """Bet on a label of the version in force; True where the state has changed.

        A label that was not picked at random changes nothing.
        """
        standing = self.standing
        if not (label.at_random and standing.judge_version):
            return False
        standing.evidence.add(label)
        for audit in standing.audits:
            audit.add(1 - label.agreed)
        disproved = [s for s, audit in self._audits() if audit.wealth >= PROOF]
        if disproved:
            self._fall("people's labels", disproved[0])
            return True
        above = standing.state.above
        if above and all(f.passed for f in standing.evidence.figures(above, self._settings)):
            self._enter(above)
            return True
        return False

    def add_answer(self, answer: Answer) -> bool:
        """Watch an answer that the version in force has graded; True where the state has changed.

        In `learning` there is nothing to take back, and nothing is watched.
        """
        standing = self.standing
        if standing.state == State.LEARNING:
            return False
        standing.drift.add(answer, self._settings)
        if standing.drift.wealth < PROOF:
            return False
        self._fall(f"drift, {standing.drift.suspect}", standing.state)
        return True

    def report(self) -> GateReport:
        """Why the state is what it is. `passed`: whether scores may train the policy.

        The figures are those that the next state demands (in the highest: its own), and then those
        that would take the state back: they fail at 20.
        """
        standing, state = self.standing, self.standing.state
        needed = standing.evidence.figures(state.above or state, self._settings)
        judge = f"Judge {standing.judge_version}" if standing.judge_version else "The judge to come"
        sentence = f"{judge} {MAY[state]}."
        missing = [figure.name for figure in needed if not figure.passed]
        if state.above:
            sentence += f" Not yet {state.above.name.lower()} for want of: {', '.join(missing)}."
        if standing.last_fall:
            sentence += f" Last fall: {standing.last_fall}."
        return GateReport(
            passed=state > State.LEARNING, reason=sentence, figures=[*needed, *self._alarms()]
        )

    def _enter(self, state: State) -> None:
        """The audits of this state and of those above start anew; those below go on."""
        standing = self.standing
        standing.state, standing.drift = state, Drift()
        standing.audits = [audit for audited, audit in self._audits() if audited < state]
        if state > State.LEARNING:
            # A bet that agreement is below a threshold is one that disagreement is above the rest.
            standing.audits.append(ChangeWealth(mean=1 - self._settings.agreement(state)))

    def _fall(self, cause: str, lost: State) -> None:
        """Go to the state below the one that is lost."""
        standing = self.standing
        standing.last_fall = f"out of {lost.name.lower()}, by {cause}"
        kept = [audit for audited, audit in self._audits() if audited < lost]
        standing.state, standing.drift = lost.below, Drift()
        standing.audits, standing.evidence = kept, Evidence()

    def _audits(self) -> list[tuple[State, ChangeWealth]]:
        """The audits with the states that they are of, lowest first."""
        return list(zip((State.ASSISTED, State.AUTONOMOUS), self.standing.audits, strict=False))

    def _alarms(self) -> list[GateFigure]:
        standing = self.standing
        wealths = {f"audit_of_{s.name.lower()}": audit.wealth for s, audit in self._audits()}
        if standing.state > State.LEARNING:
            wealths["drift"] = standing.drift.wealth
        return [
            GateFigure(name=name, value=wealth, threshold=PROOF, passed=wealth < PROOF)
            for name, wealth in wealths.items()
        ]
