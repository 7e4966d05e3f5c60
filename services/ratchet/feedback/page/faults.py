"""Faults of the desk, as a browser is told of them."""

import re
from http import HTTPStatus

from google.rpc import code_pb2
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.templating import Jinja2Templates

from ratchet.feedback import metrics
from ratchet.feedback.page.sign_in import to_sign_in
from ratchet.process.errors import RpcFault, Unauthenticated

HTTP_STATUS: dict[int, HTTPStatus] = {
    code_pb2.INVALID_ARGUMENT: HTTPStatus.BAD_REQUEST,
    code_pb2.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    code_pb2.PERMISSION_DENIED: HTTPStatus.FORBIDDEN,
    code_pb2.NOT_FOUND: HTTPStatus.NOT_FOUND,
    code_pb2.FAILED_PRECONDITION: HTTPStatus.CONFLICT,
    code_pb2.RESOURCE_EXHAUSTED: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    code_pb2.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}

_FIELD = re.compile(r"^[\w.\[\]-]+: ")


class FaultHandler:
    """A page for people, `{"message": ...}` for scripts; the message names the field at fault."""

    def __init__(self, templates: Jinja2Templates) -> None:
        self._templates = templates

    async def __call__(self, request: Request, fault: Exception) -> Response:
        """Answers a request whose handler raised an RpcFault."""
        assert isinstance(fault, RpcFault)
        if fault.limit:
            metrics.PAGE_REFUSED.labels(fault.limit).inc()
        status = HTTP_STATUS.get(fault.code, HTTPStatus.INTERNAL_SERVER_ERROR)
        if "text/html" not in request.headers.get("accept", ""):
            return JSONResponse({"message": str(fault)}, status)
        if isinstance(fault, Unauthenticated):
            return to_sign_in()
        return self._templates.TemplateResponse(
            request, "fault.html", {"message": _for_people(str(fault))}, status_code=status
        )


def _for_people(message: str) -> str:
    """Without the field's name, which is none of theirs."""
    words = _FIELD.sub("", message) or message
    return f"{words[:1].upper()}{words[1:]}."
