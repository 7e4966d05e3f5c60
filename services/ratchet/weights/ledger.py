"""What the topic `weights` has said so far."""

from ratchet.v1.weights_pb2 import (
    VERSION_STATUS_CANDIDATE,
    Manifest,
    Pointer,
    Role,
    WeightsRecord,
)


class RecordRefused(ValueError):
    """A record that contradicts an earlier one, or names no version."""


class Ledger:
    """The newest manifest of every version, and the pointer in force of every role."""

    def __init__(self) -> None:
        self.manifests: dict[tuple[Role, int], Manifest] = {}
        self.pointers: dict[Role, Pointer] = {}

    def apply(self, record: WeightsRecord) -> bool:
        """Takes a record in; False where it is a pointer whose epoch has passed.

        Raises:
            RecordRefused: role or version are missing, or a version is announced with other files.
        """
        if record.WhichOneof("record") == "pointer":
            return self._apply_pointer(record.pointer)
        manifest = record.manifest
        _check(manifest.role, manifest.version)
        known = self.manifests.get((manifest.role, manifest.version))
        if known is not None and known.files != manifest.files:
            raise RecordRefused(f"{manifest.uri} was announced before with other files")
        self.manifests[manifest.role, manifest.version] = manifest
        return True

    def manifest_of(self, pointer: Pointer) -> Manifest | None:
        """The manifest of the version that a pointer names, if it was announced."""
        return self.manifests.get((pointer.role, pointer.version))

    def candidate(self, role: Role) -> Manifest | None:
        """The newest version that is not proven yet, if it is newer than the one in force."""
        pointer = self.pointers.get(role)
        in_force = pointer.version if pointer else 0
        waiting = [
            manifest
            for manifest in self.manifests.values()
            if manifest.role == role
            and manifest.version > in_force
            and manifest.status == VERSION_STATUS_CANDIDATE
        ]
        return max(waiting, key=lambda manifest: manifest.version, default=None)

    def _apply_pointer(self, pointer: Pointer) -> bool:
        _check(pointer.role, pointer.version)
        known = self.pointers.get(pointer.role)
        if known is not None and pointer.epoch <= known.epoch:
            return False
        self.pointers[pointer.role] = pointer
        return True


def _check(role: Role, version: int) -> None:
    if not role or not version:
        raise RecordRefused("the record names no role or no version")
