"""Telling everyone of versions, which only the learner does."""

from ratchet.stream.producer import Producer
from ratchet.stream.topics import WEIGHTS
from ratchet.v1.weights_pb2 import Manifest, Pointer, WeightsRecord
from ratchet.weights.registry import Registry, VersionNotFound
from ratchet.weights.role_name import role_name


class Announcer:
    """Writes to the topic `weights`; a record is safe when its method returns."""

    def __init__(self, producer: Producer, registry: Registry) -> None:
        self._producer = producer
        self._registry = registry

    def announce(self, manifest: Manifest) -> None:
        """Announces a version, or its new status.

        Raises:
            VersionNotFound: it was not published.
            DeliveryFailed: the record is not safe.
        """
        self._registry.manifest(manifest.role, manifest.version)
        key = f"{role_name(manifest.role)}/{manifest.version}"
        self._producer.send(WEIGHTS, key, WeightsRecord(manifest=manifest)).wait()

    def point(self, pointer: Pointer) -> None:
        """Makes a version the served one.

        Raises:
            VersionNotFound: its folder is not there.
            DeliveryFailed: the record is not safe.
        """
        if not self._registry.folder(pointer.role, pointer.version).is_dir():
            raise VersionNotFound(f"{role_name(pointer.role)} {pointer.version} has no folder")
        self._producer.send(WEIGHTS, role_name(pointer.role), WeightsRecord(pointer=pointer)).wait()
