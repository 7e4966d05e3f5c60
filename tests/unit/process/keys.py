"""Keys files for tests."""

from pathlib import Path

from tests.unit.process.certificates import replace

from ratchet.process.keys_file import key_digest


def write_keys(file: Path, keys: dict[str, str], tenants: str) -> Path:
    """Writes the hashes of `keys` (key to tenant) behind TOML tables of `tenants`."""
    entries = [
        f'[[keys]]\ntenant = "{tenant}"\nsha256 = "{key_digest(key).hex()}"\n'
        for key, tenant in keys.items()
    ]
    replace(file, (tenants + "\n" + "".join(entries)).encode())
    return file
