"""Settings that the user changed with `--set service.key=value`; kept with the state."""

import tomllib
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

from ratchet.local.toml_text import toml_text
from ratchet.process.config import ConfigError

Overrides = dict[str, Any]
"""service -> key -> value, or a table of values"""


def load_overrides(path: Path) -> Overrides:
    """What was kept before; empty where nothing was. Raises ConfigError on bad TOML."""
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None


def save_overrides(path: Path, overrides: Overrides) -> None:
    """Keeps them for the next start."""
    path.write_text(toml_text(overrides))


def merged(kept: Overrides, texts: Sequence[str], services: Sequence[str]) -> Overrides:
    """Kept settings with new ones over them; `texts` are such as `learner.judge.first_marks=40`.

    Raises:
        ConfigError: not of that form, or no such service. Keys are checked by the service's type.
    """
    result = deepcopy(kept)
    for text in texts:
        path, equals, value = text.partition("=")
        service, *keys = path.strip().split(".")
        if not equals or not keys or not all(keys):
            raise ConfigError(f"--set {text}: must be SERVICE.KEY=VALUE")
        if service not in services:
            raise ConfigError(f"--set {text}: no service {service!r} among {', '.join(services)}")
        table = result
        for key in (service, *keys[:-1]):
            inner: object = table.setdefault(key, {})
            if not isinstance(inner, dict):
                raise ConfigError(f"--set {text}: {key} is not a table")
            table = cast(Overrides, inner)
        table[keys[-1]] = _value(value.strip())
    return result


def _value(text: str) -> Any:
    """A TOML value, or the text itself where it is none: paths and names need no quotes."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
