"""The versions of one role: which is served, which is proven, which were turned down.

Every method decides, and returns the records that make the decision known. Nothing is announced
here: the records go through the checkpoint's outbox (`checkpoint.py`, `publication.py`).
"""

from typing import Literal

from pydantic import BaseModel

from ratchet.v1.weights_pb2 import (
    VERSION_STATUS_CANDIDATE,
    VERSION_STATUS_REJECTED,
    VERSION_STATUS_ROLLED_BACK,
    VERSION_STATUS_SERVING,
    GateReport,
    Manifest,
    Pointer,
    VersionStatus,
    WeightsRecord,
)


class NothingProven(Exception):
    """There is no other proven version to go back to."""


class PointerMoved(Exception):
    """Another version is served, or is the floor, than the caller has seen."""


class Lineage(BaseModel):
    """Version numbers of a role, 0 for none. Numbers only grow; none is used twice.

    `on_probation` holds the versions that were served after the floor and not proven yet,
    `rejected` those that a gate or an operator turned down.
    """

    role: Literal["ROLE_POLICY", "ROLE_JUDGE"]
    newest: int = 0
    serving: int = 0
    floor: int = 0
    epoch: int = 0
    on_probation: list[int] = []
    rejected: list[int] = []

    @property
    def pointer(self) -> Pointer:
        """What is served now."""
        return Pointer(
            role=self.role, version=self.serving, epoch=self.epoch, floor_version=self.floor
        )

    def expect(self, epoch: int) -> None:
        """Raises PointerMoved where the pointer has another epoch; 0 is not checked."""
        if epoch not in (0, self.epoch):
            name = self.role.removeprefix("ROLE_").lower()
            raise PointerMoved(
                f"{name} {self.serving} is in use meanwhile, with {self.floor} as the proven one "
                f"(expected_epoch is {epoch}, and the pointer's {self.epoch})"
            )

    def put_on_probation(self, manifest: Manifest) -> list[WeightsRecord]:
        """A new version is served while the floor stays where it is."""
        self._take_number(manifest, VERSION_STATUS_CANDIDATE)
        self.on_probation.append(manifest.version)
        return [WeightsRecord(manifest=manifest), self._point(manifest.version, self.floor)]

    def serve_proven(self, manifest: Manifest, floor: int | None = None) -> list[WeightsRecord]:
        """A new version that needs no probation; `floor` unless it is to be its own."""
        self._take_number(manifest, VERSION_STATUS_SERVING)
        return [
            WeightsRecord(manifest=manifest),
            self._point(manifest.version, floor or manifest.version),
        ]

    def propose(self, manifest: Manifest) -> list[WeightsRecord]:
        """A new version that is not proven and not served: it can be tried, and promoted."""
        self._take_number(manifest, VERSION_STATUS_CANDIDATE)
        return [WeightsRecord(manifest=manifest)]

    def prove(self, report: GateReport) -> list[WeightsRecord]:
        """The served candidate becomes the floor."""
        proven = self._status(self.serving, VERSION_STATUS_SERVING, report)
        self.on_probation = []
        return [proven, self._point(self.serving, self.serving)]

    def roll_back(self, replacement: Manifest, report: GateReport | None) -> list[WeightsRecord]:
        """All on probation are turned down; the floor's weights return as `replacement`.

        Raises:
            NothingProven: nothing is on probation.
        """
        if not self.on_probation:
            raise NothingProven
        turned_down = [
            self._turn_down(v, report if v == self.serving else None) for v in self.on_probation
        ]
        self.on_probation = []
        replacement.parent = self.floor
        return turned_down + self.serve_proven(replacement)

    def step_back(self) -> list[WeightsRecord]:
        """The floor itself is served again.

        Raises:
            NothingProven: it is served already.
        """
        if self.floor in (0, self.serving):
            raise NothingProven
        return [self._turn_down(self.serving, None), self._point(self.floor, self.floor)]

    def promote(self, version: int) -> list[WeightsRecord]:
        """An operator makes a version served and the floor.

        Of policies the floor before and all on probation are turned down where they are later.
        """
        left = {self.floor, *self.on_probation} if self.role == "ROLE_POLICY" else set[int]()
        self.rejected = [v for v in self.rejected if v != version]
        self.on_probation = []
        return [
            *(self._turn_down(v, None) for v in sorted(left) if v > version),
            self._status(version, VERSION_STATUS_SERVING, None),
            self._point(version, version),
        ]

    def forget_rejected_before(self, version: int) -> None:
        """Bound the list: what is older is stale anyway."""
        self.rejected = [v for v in self.rejected if v >= version]

    def _take_number(self, manifest: Manifest, status: VersionStatus) -> None:
        if not manifest.version:
            manifest.version = self.newest + 1
        if manifest.version <= self.newest:
            raise ValueError(f"version {manifest.version} is not above {self.newest}")
        self.newest = manifest.version
        manifest.MergeFrom(Manifest(role=self.role, status=status))

    def _point(self, version: int, floor: int) -> WeightsRecord:
        self.serving, self.floor, self.epoch = version, floor, self.epoch + 1
        return WeightsRecord(pointer=self.pointer)

    def _turn_down(self, version: int, report: GateReport | None) -> WeightsRecord:
        self.rejected.append(version)
        status = VERSION_STATUS_ROLLED_BACK if report is None else VERSION_STATUS_REJECTED
        return self._status(version, status, report)

    def _status(
        self, version: int, status: VersionStatus, report: GateReport | None
    ) -> WeightsRecord:
        manifest = Manifest(role=self.role, version=version, status=status, gate_report=report)
        return WeightsRecord(manifest=manifest)
