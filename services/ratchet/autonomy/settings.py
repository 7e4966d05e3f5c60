"""What a judge must prove, and what it may lose again."""

from typing import Annotated, Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from ratchet.autonomy.state import State
from ratchet.process.config import Settings

Threshold = Annotated[float, Field(gt=0, lt=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class GateSettings(Settings):
    """When a judge may act, how much people still label, and what takes it back."""

    enabled: bool = False
    """no score trains the policy before the gate has let it; off: as soon as a judge is served"""
    assisted_agreement: Threshold = 0.6
    """agreement with people that must be proven before scores train the policy"""
    autonomous_agreement: Threshold = 0.7
    """agreement that must be proven before people only audit"""
    floors: tuple[str, ...] = ("longer", "shorter", "tfidf")
    """choices that the judge must agree with people more often than"""
    calibration_error: Threshold = 0.1
    """expected calibration error of the judge's probabilities, at most"""
    position_flips: Threshold = 0.1
    """share of pairs whose order may decide, at most; must be proven too"""
    assisted_share: Share = 0.25
    """share of pairs that people label while the judge is assisted"""
    audit_share: Share = 0.05
    """share of pairs that people label while it is autonomous, at most feedback.random_share"""
    reference_answers: PositiveInt = 200
    """answers after a change of state that drift is measured from"""
    score_drift: Threshold = 0.25
    """how far the mean score may move from there, up or down"""
    length_drift: PositiveFloat = 1.0
    """answers may grow or shrink by the factor 1 + this from there"""
    kl_drift: PositiveFloat = 0.5
    """how far the KL to the first policy may rise from there, nats per token"""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.autonomous_agreement < self.assisted_agreement:
            raise ValueError("autonomous_agreement is below assisted_agreement")
        return self

    def agreement(self, state: State) -> float:
        """What must be proven for a state above `learning`, and not be disproved in it."""
        return self.assisted_agreement if state == State.ASSISTED else self.autonomous_agreement

    def label_share(self, state: State) -> float:
        """Share of pairs that people are to label."""
        shares = {State.ASSISTED: self.assisted_share, State.AUTONOMOUS: self.audit_share}
        return shares.get(state, 1.0)
