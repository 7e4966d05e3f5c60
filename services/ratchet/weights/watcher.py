"""Following the pointer of one role."""

import logging
import threading
import time
from collections.abc import Callable

from prometheus_client import Counter

from ratchet.process.config import KafkaSettings
from ratchet.stream.record import Record
from ratchet.stream.table import Table
from ratchet.stream.topics import WEIGHTS
from ratchet.v1.weights_pb2 import Manifest, Pointer, Role, WeightsRecord
from ratchet.weights.ledger import Ledger
from ratchet.weights.registry import Registry
from ratchet.weights.role_name import role_name

# A folder may appear later than its announcement on a shared disk.
FILES_SECONDS = 30.0
LOOK_SECONDS = 0.2

NOT_FOLLOWED = Counter(
    "ratchet_weights_pointers_not_followed_total",
    "Pointers to a version whose files did not come in time (missing) or that the service could "
    "not take up (failed); what was served before is still served.",
    ["role", "reason"],
)

log = logging.getLogger(__name__)


class Watcher:
    """Hands the newest pointer and its manifest to `on_pointer`, in a thread of its own.

    Pointers that were overtaken in the meantime are never handed over; neither are those that the
    topic held before the newest when the watcher started. `on_candidate` gets, in the same thread,
    the newest version that waits to be proven, and None where there is none any more.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        registry: Registry,
        role: Role,
        service: str,
        on_pointer: Callable[[Pointer, Manifest], None],
        files_seconds: float = FILES_SECONDS,
        on_candidate: Callable[[Manifest | None], None] = lambda _: None,
    ) -> None:
        """Connects; raises BrokerUnreachable, or LookupError where there is no such topic."""
        self._registry = registry
        self._role = role
        self._on_pointer = on_pointer
        self._on_candidate = on_candidate
        self._files_seconds = files_seconds
        self._ledger = Ledger()
        self._changed = threading.Condition()
        self._stop = False
        self._settled_epoch = 0
        """Epoch of the last pointer that was handed over or found without files."""
        self._table = Table(kafka, WEIGHTS, service, self._on_record)
        self._thread = threading.Thread(target=self._run, name=f"watch-{service}", daemon=True)

    def start(self) -> None:
        """Starts to read and to hand over."""
        self._table.start()
        self._thread.start()

    def wait_caught_up(self, timeout_seconds: float = 60) -> None:
        """Waits until the pointer in force at the start was handed over, or its files are late.

        Raises:
            TimeoutError: neither, in time.
        """
        deadline = time.monotonic() + timeout_seconds
        self._table.wait_caught_up(timeout_seconds)
        with self._changed:
            epoch = self._epoch()
            left = deadline - time.monotonic()
            if not self._changed.wait_for(lambda: self._settled_epoch >= epoch, left):
                raise TimeoutError(f"epoch {epoch} was not taken up in {timeout_seconds:g} s")

    def close(self) -> None:
        """Stops both threads; waits for `on_pointer` to return."""
        with self._changed:
            self._stop = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()
        self._table.close()

    def _on_record(self, record: Record[WeightsRecord]) -> None:
        with self._changed:
            if not self._ledger.apply(record.value):
                log.warning("%s: a pointer whose epoch has passed is ignored", record.key)
            self._changed.notify_all()

    def _run(self) -> None:
        self._read_history()
        followed, proposed = 0, 0
        while self._await_news(followed, proposed):
            with self._changed:
                pointer = self._ledger.pointers.get(self._role)
                candidate = self._candidate()
            if pointer is not None and pointer.epoch > followed:
                followed = pointer.epoch
                manifest = self._await_files(pointer)
                if manifest is not None:
                    self._hand_over(pointer, manifest)
            else:
                proposed = candidate.version if candidate else 0
                self._propose(candidate)

    def _read_history(self) -> None:
        while not self._stop:
            try:
                return self._table.wait_caught_up(LOOK_SECONDS)
            except TimeoutError:
                continue

    def _await_news(self, followed: int, proposed: int) -> bool:
        """Waits for another pointer or another candidate; False when stopped."""
        with self._changed:
            while not self._stop and self._epoch() <= followed:
                candidate = self._candidate()
                if proposed != (candidate.version if candidate else 0):
                    break
                self._changed.wait(LOOK_SECONDS)
            return not self._stop

    def _candidate(self) -> Manifest | None:
        """What waits to be proven, once its files are there."""
        candidate = self._ledger.candidate(self._role)
        if candidate and self._registry.folder(self._role, candidate.version).is_dir():
            return candidate
        return None

    def _await_files(self, pointer: Pointer) -> Manifest | None:
        """The manifest, once the files are there too; None when overtaken or stopped.

        Says once that they are late, and goes on looking.
        """
        deadline = time.monotonic() + self._files_seconds
        folder = self._registry.folder(pointer.role, pointer.version)
        with self._changed:
            while not self._stop and self._epoch() == pointer.epoch:
                manifest = self._ledger.manifest_of(pointer)
                if manifest is not None and folder.is_dir():
                    return manifest
                if time.monotonic() >= deadline and self._settled_epoch < pointer.epoch:
                    self._not_followed(pointer, "missing")
                    log.error(
                        "%s is to be served, but %s is not there after %g s",
                        folder,
                        "its folder" if manifest is not None else "its manifest",
                        self._files_seconds,
                    )
                    self._settle(pointer)
                self._changed.wait(LOOK_SECONDS)
        return None

    def _hand_over(self, pointer: Pointer, manifest: Manifest) -> None:
        try:
            self._on_pointer(pointer, manifest)
        except Exception:
            self._not_followed(pointer, "failed")
            log.exception("%s cannot be taken up", manifest.uri)
        with self._changed:
            self._settle(pointer)

    def _propose(self, candidate: Manifest | None) -> None:
        try:
            self._on_candidate(candidate)
        except Exception:
            log.exception("the candidate %s cannot be loaded", candidate and candidate.uri)

    def _settle(self, pointer: Pointer) -> None:
        self._settled_epoch = pointer.epoch
        self._changed.notify_all()

    def _epoch(self) -> int:
        pointer = self._ledger.pointers.get(self._role)
        return pointer.epoch if pointer else 0

    def _not_followed(self, pointer: Pointer, reason: str) -> None:
        NOT_FOLLOWED.labels(role_name(pointer.role), reason).inc()
