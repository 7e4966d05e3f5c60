"""Keys to tenants."""

import hmac
import logging
from collections import defaultdict
from pathlib import Path

from ratchet.process import grpc_metrics
from ratchet.process.config import ConfigError
from ratchet.process.file_stamp import file_stamp
from ratchet.process.keys_file import (
    KeysFile,
    TenantTable,
    key_digest,
    read_keys_file,
    tenant_in,
)
from ratchet.process.tenant import Tenant
from ratchet.process.token_bucket import TokenBucket

log = logging.getLogger(__name__)


class TenantBook:
    """The tenants of a keys file, which is looked at again at every call.

    A changed file that cannot be used changes nothing. A tenant whose table stays as it was keeps
    its bucket: a new key is no new reserve. Use it from one event loop.
    """

    def __init__(self, path: Path) -> None:
        """Raises ConfigError where the file cannot be used."""
        self._path = path
        self._tables: dict[str, TenantTable] = {}
        self._tenants: dict[str, Tenant] = {}
        self._digests: dict[str, list[bytes]] = {}
        self._seen = file_stamp(path)
        self._take_up(read_keys_file(path))

    def find(self, key: str) -> Tenant | None:
        """Whose key it is; None where it is nobody's. What is compared takes the same time always.

        That a tenant's name is unknown shows in the time; a name is no secret.
        """
        return self.find_digest(tenant_in(key), key_digest(key))

    def find_digest(self, name: str, digest: bytes) -> Tenant | None:
        """The tenant, while a key with this digest is one of its own; see `find`."""
        self._follow()
        matches = [hmac.compare_digest(digest, kept) for kept in self._digests.get(name, ())]
        return self._tenants[name] if any(matches) else None

    def _follow(self) -> None:
        stamp = file_stamp(self._path)
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            self._take_up(read_keys_file(self._path))
        except ConfigError as error:
            grpc_metrics.RELOADS.labels("keys", "refused").inc()
            log.error("the changed keys are refused, the last ones are in force: %s", error)
        else:
            grpc_metrics.RELOADS.labels("keys", "loaded").inc()
            log.info("the changed keys in %s are in force", self._path)

    def _take_up(self, file: KeysFile) -> None:
        digests: defaultdict[str, list[bytes]] = defaultdict(list)
        for entry in file.keys:
            digests[entry.tenant].append(bytes.fromhex(entry.sha256))
        self._tenants = {
            name: self._tenants[name] if table == self._tables.get(name) else _tenant(name, table)
            for name, table in file.tenants.items()
        }
        self._tables, self._digests = dict(file.tenants), dict(digests)


def _tenant(name: str, table: TenantTable) -> Tenant:
    rate = table.tokens_per_second
    bucket = TokenBucket(rate, rate * table.burst_seconds) if rate is not None else None
    return Tenant(name, table.queue_share, frozenset(table.judges), bucket, table.role)
