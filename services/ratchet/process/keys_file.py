"""The file of tenants and the hashes of their API keys."""

import datetime
import hashlib
import secrets
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveFloat, model_validator

from ratchet.process.config import Settings, load_settings

PREFIX = "rk"
TenantName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
PageRole = Literal["labeler", "operator"]
"""What a person may on a page: label alone, or also decide what is served."""


class TenantTable(Settings):
    """What a tenant may, `[tenants.NAME]`."""

    queue_share: float = Field(default=1.0, gt=0, le=1)
    """share of the tokens that may wait before a model"""
    judges: tuple[str, ...] = ()
    """judges that it may call; empty: all"""
    tokens_per_second: PositiveFloat | None = None
    """tokens that models here may read for it; unset: no bound"""
    burst_seconds: PositiveFloat = 1.0
    """seconds' worth of these tokens that may come at once"""
    role: PageRole = "labeler"
    """what its people may on the labeling page; gRPC does not ask for it"""


class KeyEntry(Settings):
    """A key that is let in, `[[keys]]`."""

    tenant: TenantName
    """whose it is"""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """of the whole key; random keys need no salt and no slow hash"""
    created: datetime.date | None = None
    """for people"""


class KeysFile(Settings):
    """All of the file."""

    tenants: dict[TenantName, TenantTable] = Field(default_factory=dict)
    keys: tuple[KeyEntry, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> Self:
        for i, entry in enumerate(self.keys):
            if entry.tenant not in self.tenants:
                raise ValueError(f"keys.{i}.tenant: there is no [tenants.{entry.tenant}]")
        return self


def read_keys_file(path: Path) -> KeysFile:
    """Raises ConfigError, which names the file and the key in it."""
    return load_settings(KeysFile, "keys", path, {})


def new_key(tenant: str) -> str:
    """A key with 256 random bits."""
    return f"{PREFIX}_{tenant}_{secrets.token_urlsafe(32)}"


def tenant_in(key: str) -> str:
    """Whose a key says that it is; empty where it is no key of ours."""
    prefix, _, rest = key.partition("_")
    name, separator, _ = rest.partition("_")
    return name if prefix == PREFIX and separator else ""


def key_digest(key: str) -> bytes:
    """What is kept of a key."""
    return hashlib.sha256(key.encode(errors="replace")).digest()
