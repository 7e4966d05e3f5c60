"""The forms by the names that commands give them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ratchet.labels.formats.argilla import DEFAULT_NAMES as ARGILLA_NAMES
from ratchet.labels.formats.argilla import Argilla
from ratchet.labels.formats.format import Format
from ratchet.labels.formats.label_studio import DEFAULT_NAMES as LABEL_STUDIO_NAMES
from ratchet.labels.formats.label_studio import LabelStudio
from ratchet.labels.formats.ratchet import Ratchet
from ratchet.labels.formats.rewardbench import RewardBench
from ratchet.labels.formats.trl import Trl

FORMATS: dict[str, type[Format]] = {
    "ratchet": Ratchet,
    "rewardbench": RewardBench,
    "trl": Trl,
    "label-studio": LabelStudio,
    "argilla": Argilla,
}
"""What one recognizes of TRL's is more than TRL, and so comes before it."""


def format_named(name: str, names: Mapping[str, str]) -> Format:
    """The form, with the names of a project in place of its own.

    Raises:
        ValueError: it has no names to be chosen.
    """
    if name == "label-studio":
        return LabelStudio(replace(LABEL_STUDIO_NAMES, **names))
    if name == "argilla":
        return Argilla(replace(ARGILLA_NAMES, **names))
    if names:
        raise ValueError(f"the format {name} has no names to be chosen")
    return FORMATS[name]()


def recognized(fields: Mapping[str, Any]) -> str | None:
    """The name of the form that a row is of; None of none."""
    return next((name for name, each in FORMATS.items() if each.recognizes(fields)), None)
