"""What the labels prove of one judge version."""

from pydantic import BaseModel

from ratchet.autonomy.calibration import Calibration
from ratchet.autonomy.label import Label
from ratchet.autonomy.settings import GateSettings
from ratchet.autonomy.state import State
from ratchet.autonomy.wealth import PROOF, Tally
from ratchet.v1.weights_pb2 import GateFigure


class Evidence(BaseModel):
    """All that is known of a judge version from randomly picked labels, from wealth 1 on.

    A label proves something of a version if it was given without a look at that version, and did
    not train it; labels of a hold-out are such, also those from before the version was made.
    """

    agreement: Tally = Tally()
    leads: dict[str, Tally] = {}
    """Per floor: lead of the judge over it, -1 to 1, moved to 0 to 1."""
    unflipped: Tally = Tally()
    calibration: Calibration = Calibration()

    def add(self, label: Label) -> None:
        """Bet on a label that was picked at random."""
        self.agreement.add(label.agreed)
        self.unflipped.add(1.0 - label.flipped)
        self.calibration.add(label.confidence, label.agreed)
        for floor in label.floors:
            self.leads.setdefault(floor, Tally()).add((label.lead(floor) + 1) / 2)

    def figures(self, state: State, settings: GateSettings) -> list[GateFigure]:
        """What has to hold before `state` is earned, and whether it does.

        All bounds are one-sided, 95%, and valid at all times together. A false promotion needs all
        of them to hold at once, so that it is no likelier than one of them is to fail.
        """
        threshold, flips = settings.agreement(state), 1 - self.unflipped.bound
        error = self.calibration.error
        wealth = self.agreement.wealth(threshold)
        proven = self.agreement.bound > threshold
        return [
            GateFigure(name="random_labels", value=self.agreement.total, passed=True),
            GateFigure(
                name="agreement",
                value=self.agreement.mean,
                bound=self.agreement.bound,
                threshold=threshold,
                passed=proven,
            ),
            # It has reached 20 exactly where the bound above is over its threshold.
            GateFigure(name="agreement_wealth", value=wealth, threshold=PROOF, passed=proven),
            *(self._lead_figure(floor) for floor in settings.floors),
            GateFigure(
                name="calibration_error",
                value=error,
                threshold=settings.calibration_error,
                passed=error <= settings.calibration_error,
            ),
            GateFigure(
                name="position_flips",
                value=1 - self.unflipped.mean,
                bound=flips,
                threshold=settings.position_flips,
                passed=flips < settings.position_flips,
            ),
        ]

    def _lead_figure(self, floor: str) -> GateFigure:
        """A floor that was never measured is not beaten."""
        lead = self.leads.get(floor, Tally())
        bound = 2 * lead.bound - 1
        return GateFigure(
            name=f"lead_over_{floor}",
            value=2 * lead.mean - 1,
            bound=bound,
            threshold=0.0,
            passed=bound > 0,
        )
