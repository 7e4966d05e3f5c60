"""A browser without a screen: keeps cookies and tokens as a real one does."""

import asyncio
import re
from collections.abc import Sequence

import httpx
from tests.unit.feedback.judged import group
from tests.unit.feedback.test_grpc_servicer import House

from ratchet.feedback.history import History
from ratchet.feedback.page.app import labeling_app
from ratchet.feedback.page.seal import Seal
from ratchet.feedback.page.session import CSRF_HEADER, Sessions
from ratchet.feedback.pairs import Shares, pairs_of
from ratchet.process.tenant_book import TenantBook

KEY = bytes(32)
HTML = {"accept": "text/html,*/*"}


def sessions_of(
    tenants: TenantBook | None = None, over_tls: bool = False, **options: object
) -> Sessions:
    return Sessions(Seal(KEY), tenants, over_tls, **options)


def add_pairs(
    house: House, *texts: Sequence[str], asked: str = "My kettle leaks.", at: float = 0.0
) -> None:
    """A pair for every two texts, in a group of its own."""
    for number, pair in enumerate(texts):
        judged = group(f"g{number}", list(pair), standard_id="shop-support")
        judged.group.prompt.messages.add(role="user", content=asked)
        house.pool.add(pairs_of(judged, {}, Shares(0, 0), at))


class Visitor:
    """Somebody at a page of the house."""

    def __init__(
        self,
        house: House,
        sessions: Sessions | None = None,
        history: History | None = None,
        **options: object,
    ) -> None:
        self.app = labeling_app(
            house.standards,
            house.desk,
            house.pool,
            history or History(),
            sessions or sessions_of(),
            asyncio.Event(),
            **{
                "audit": house.audit,
                "activity": house.activity,
                "learner": house.learner,
                "names": ["page.test"],
                **options,
            },
        )
        self._be_at("http://page.test", httpx.ASGITransport(self.app))

    @classmethod
    def of(cls, url: str) -> "Visitor":
        """Of a page that is served somewhere."""
        visitor = cls.__new__(cls)
        visitor._be_at(url, None)
        return visitor

    def _be_at(self, url: str, transport: httpx.AsyncBaseTransport | None) -> None:
        self.http = httpx.AsyncClient(transport=transport, base_url=url)
        self.token = ""

    async def sign_in(self, name: str = "Ann", key: str = "") -> httpx.Response:
        form = await self.http.get("/sign-in")
        [token] = re.findall('name="csrf_token" value="([^"]+)"', form.text)
        reply = await self.http.post(
            "/sign-in", data={"name": name, "key": key, "csrf_token": token}, headers=HTML
        )
        if reply.status_code == 303:
            page = await self.http.get("/label/shop-support", headers=HTML)
            self.token = "".join(re.findall('data-csrf-token="([^"]+)"', page.text))
        return reply

    async def post(self, path: str, body: object = None) -> httpx.Response:
        return await self.http.post(path, json=body or {}, headers={CSRF_HEADER: self.token})

    async def next_pair(self) -> dict:
        return (await self.post("/label/shop-support/next")).json()["pair"]
