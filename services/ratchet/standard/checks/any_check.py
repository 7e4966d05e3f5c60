"""Every kind of check, and the message that each crosses borders as."""

from collections.abc import Mapping
from typing import Annotated

from google.protobuf.json_format import MessageToDict, ParseDict
from pydantic import Field, TypeAdapter

from ratchet.standard.checks.expression import Expression
from ratchet.standard.checks.json_answer import JsonSchema, ValidJson
from ratchet.standard.checks.length import Length, MaxWords, MinWords
from ratchet.standard.checks.phrases import MustContain, MustNotContain, SaysNoneOf, SaysOneOf
from ratchet.standard.checks.program import Program
from ratchet.standard.checks.python_cases import PythonCases
from ratchet.standard.checks.regex import Regex
from ratchet.standard.checks.shape import Finished, NamesSomethingOfThePrompt, NotRepeating
from ratchet.v1 import check_pb2
from ratchet.v1.standard_pb2 import Standard

StandardCheck = (
    Length
    | MustContain
    | MustNotContain
    | Regex
    | Finished
    | ValidJson
    | JsonSchema
    | NamesSomethingOfThePrompt
    | NotRepeating
    | Expression
    | PythonCases
    | Program
)
"""what a standard may hold"""

AnyCheck = Annotated[
    StandardCheck | MaxWords | MinWords | SaysOneOf | SaysNoneOf, Field(discriminator="kind")
]
"""and what a judge's settings may, which have older names for some"""

_OF_STANDARDS: TypeAdapter[StandardCheck] = TypeAdapter(
    Annotated[StandardCheck, Field(discriminator="kind")]
)


def parse_check(fields: Mapping[str, object]) -> StandardCheck:
    """The check of these fields, of which `kind` is one.

    Raises:
        pydantic.ValidationError: a field is wrong; its place begins with the kind's name.
    """
    return _OF_STANDARDS.validate_python(dict(fields))


def check_of(message: check_pb2.Check) -> StandardCheck:
    """The check that a message describes; its `kind` must be set. Raises as `parse_check`."""
    kind = message.WhichOneof("kind")
    if kind is None:
        raise ValueError("the message names no kind of check")
    fields = MessageToDict(getattr(message, kind), preserving_proto_field_name=True)
    return parse_check({"kind": kind, **fields})


def checks_of(standard: Standard) -> dict[str, StandardCheck]:
    """Criterion id -> its check, of the criteria that have one; the standard must be valid."""
    return {c.criterion_id: check_of(c.check) for c in standard.criteria if c.HasField("check")}


def message_of(check: StandardCheck) -> check_pb2.Check:
    """The message that describes a check."""
    fields = check.model_dump(by_alias=True, exclude={"kind"}, exclude_unset=True)
    return ParseDict({check.kind: fields}, check_pb2.Check())
