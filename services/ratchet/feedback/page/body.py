"""Bodies of requests, of the form that is expected."""

from typing import TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

from ratchet.process.errors import InvalidField, Malformed

MAX_BODY_BYTES = 64 * 1024
"""A label with 64 criteria of 64 letters marked on both answers is an eighth of it."""


class Body(BaseModel):
    """Base of all bodies: every key known, every type exact."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


B = TypeVar("B", bound=Body)


async def read_json(request: Request, body_type: type[B]) -> B:
    """The body as an object.

    Raises:
        Malformed: it is not sent as JSON: other sites' forms cannot send that.
        InvalidField: it is no JSON of this type; the field is named.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Malformed("content-type: must be application/json")
    data = await request.body()
    try:
        return body_type.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "body"
        raise InvalidField(field, first["msg"]) from None


async def read_form(request: Request, most_fields: int = 20) -> dict[str, str]:
    """The fields of a plain HTML form; of one that is given twice the last.

    Raises:
        Malformed: it is no such form.
    """
    data = await request.body()
    try:
        text = data.decode("ascii")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=most_fields))
    except ValueError:
        raise Malformed("the body is no form") from None
