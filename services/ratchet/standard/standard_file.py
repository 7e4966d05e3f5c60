"""A standard as a file: TOML with the names that the API has."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ratchet.standard.checks.any_check import StandardCheck, message_of
from ratchet.standard.validation import StandardError, validate_standard
from ratchet.v1.standard_pb2 import Criterion, Standard


class _CriterionTable(BaseModel):
    model_config = ConfigDict(extra="forbid")

    criterion_id: str
    sentence: str
    weight: float = 1.0
    check: Annotated[StandardCheck, Field(discriminator="kind")] | None = None


class _StandardTable(BaseModel):
    model_config = ConfigDict(extra="forbid")

    standard_id: str
    title: str = ""
    criteria: list[_CriterionTable]


def ready_made() -> list[str]:
    """The names of the standards to start from."""
    names = (entry.name for entry in files("ratchet.standard.ready").iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def standard_text(name: str) -> str:
    """The text of a file, or of a standard to start from.

    Raises:
        FileNotFoundError: there is neither; the message tells the names.
        OSError, UnicodeDecodeError: the file cannot be read.
    """
    if name in ready_made():
        return files("ratchet.standard.ready").joinpath(f"{name}.toml").read_text("utf-8")
    if not Path(name).is_file():
        names = ", ".join(ready_made())
        raise FileNotFoundError(f"{name}: no such file, and none of the standards here: {names}")
    return Path(name).read_text("utf-8")


def parse_standard(text: str) -> Standard:
    """The standard that a text describes.

    Raises:
        StandardError: a field is wrong.
        ValueError: it is no TOML.
    """
    try:
        table = _StandardTable.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"is no TOML: {error}") from None
    except ValidationError as error:
        raise StandardError.of(error) from None
    standard = Standard(standard_id=table.standard_id, title=table.title)
    for each in table.criteria:
        check = None if each.check is None else message_of(each.check)
        standard.criteria.append(
            Criterion(
                criterion_id=each.criterion_id,
                sentence=each.sentence,
                weight=each.weight,
                check=check,
            )
        )
    validate_standard(standard)
    return standard
