"""Settings as TOML text: the standard library reads TOML and does not write it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

Value: TypeAlias = "str | int | float | bool | Path | Mapping[str, Value]"
Table: TypeAlias = Mapping[str, Value]


def toml_text(table: Table, prefix: str = "") -> str:
    """TOML of nested tables of plain values."""
    lines = [
        f"{key} = {_plain(value)}" for key, value in table.items() if not isinstance(value, Mapping)
    ]
    text = "".join(f"{line}\n" for line in lines)
    for key, value in table.items():
        if isinstance(value, Mapping):
            text += f"\n[{prefix}{key}]\n{toml_text(value, f'{prefix}{key}.')}"
    return text


def _plain(value: str | int | float | bool | Path) -> str:
    # JSON's strings, numbers and booleans are TOML's; DEL is the one character it leaves bare.
    return json.dumps(str(value) if isinstance(value, Path) else value).replace("\x7f", "\\u007f")
