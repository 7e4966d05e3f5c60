"""A judge's settings as a file that people write: one key changes, all else stays."""

import os
import shutil
import tomllib
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Table

from ratchet.judge.judges.settings import EngineName
from ratchet.process.config import ConfigError


def check_has_judge(file: Path, name: str) -> None:
    """Raises ConfigError where the judge's table is not in the file but in the environment."""
    if name not in tomllib.loads(file.read_text(encoding="utf-8")).get("judges", {}):
        raise ConfigError(f"{file}: judges.{name} is not in the file, but in the environment")


def write_engine(file: Path, name: str, engine: EngineName) -> None:
    """Sets `judges.NAME.engine`; comments and order stay. The file is replaced as a whole.

    Raises:
        OSError: it cannot be written.
    """
    target = file.resolve()
    before = target.read_bytes().decode()
    document = tomlkit.parse(before)
    table: Any = document["judges"]
    _put(table[name], "engine", engine)
    after = tomlkit.dumps(document)
    expected = tomllib.loads(before)
    expected["judges"][name]["engine"] = engine
    assert tomllib.loads(after) == expected, "nothing else has changed"
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        aside.write_bytes(after.encode())
        shutil.copymode(target, aside)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def _put(table: Any, key: str, value: str) -> None:
    if key in table or not isinstance(table, Table):
        table[key] = value
        return
    # What stands between this table and the next belongs to the next.
    body = table.value.body
    after: list[Any] = []
    while body and body[-1][0] is None:
        after.insert(0, body.pop()[1])
    table[key] = value
    for item in after:
        table.add(item)
