"""A person is told all of what went wrong, without the name of a field."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.templating import Jinja2Templates
from tests.unit.feedback.page.visitor import HTML

from ratchet.feedback.page.app import HERE
from ratchet.feedback.page.faults import FaultHandler
from ratchet.process.errors import InvalidField, RpcFault, Unavailable


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (
            Unavailable("Kafka did not take the record: late"),
            "Kafka did not take the record: late.",
        ),
        (InvalidField("criteria[0].weight", "must be above 0"), "Must be above 0."),
    ],
)
async def test_only_the_fields_name_is_left_out(fault: RpcFault, told: str) -> None:
    async def fail(_: object) -> None:
        raise fault

    handler = FaultHandler(Jinja2Templates(HERE / "templates"))
    app = Starlette(routes=[Route("/", fail)], exception_handlers={RpcFault: handler})
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://page.test") as http:
        assert f'<p class="lead">{told}</p>' in (await http.get("/", headers=HTML)).text
