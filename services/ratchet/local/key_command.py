"""`ratchet key`: a new API key for a tenant."""

import argparse
import datetime
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ratchet.process.config import ConfigError
from ratchet.process.keys_file import (
    KeysFile,
    PageRole,
    TenantName,
    key_digest,
    new_key,
    read_keys_file,
)


def command(arguments: argparse.Namespace) -> int:
    """Prints the key, and adds its hash to the file; 2 where the file or the tenant is wrong."""
    try:
        key = add_key(arguments.file, arguments.tenant, arguments.role)
    except (ConfigError, OSError) as error:
        print(f"ratchet key: {error}", file=sys.stderr)
        return 2
    print(key)
    print(f"This key is shown once; {arguments.file} holds its hash.", file=sys.stderr)
    return 0


def add_key(file: Path, tenant: str, role: PageRole | None = None) -> str:
    """A new key of a tenant, who is added where the file does not know them.

    What is in the file stays as it is, comments too.

    Raises:
        ConfigError: the file is not one of keys, the tenant's name is none, or the tenant is there
            with another role.
        OSError: it cannot be written.
    """
    try:
        TypeAdapter[Any](TenantName).validate_python(tenant)
    except ValidationError:
        raise ConfigError(
            f"--tenant: {tenant!r}: lowercase letters, digits and - make a name"
        ) from None
    known = read_keys_file(file) if file.exists() else KeysFile()
    table = ""
    if tenant not in known.tenants:
        table = f"\n[tenants.{tenant}]\n" + (f'role = "{role}"\n' if role else "")
    elif role not in (None, known.tenants[tenant].role):
        has = known.tenants[tenant].role
        raise ConfigError(
            f"--role: {tenant} has the role {has} in {file}: change it there, under"
            f" [tenants.{tenant}]"
        )
    key = new_key(tenant)
    entry = (
        f'\n[[keys]]\ntenant = "{tenant}"\nsha256 = "{key_digest(key).hex()}"\n'
        f"created = {datetime.date.today()}\n"
    )
    with file.open("a", encoding="utf-8") as out:
        out.write(table + entry)
    return key
