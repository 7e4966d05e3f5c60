"""What holds for every answer of the page: headers, and how long it took."""

import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ratchet.feedback import metrics

HEADERS = {
    # Nothing from elsewhere, nothing inline: a model's words that became markup could do nothing.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STATIC = "/static/"


class Shield:
    """ASGI middleware around everything."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Adds the headers as the answer begins."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def send_shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                # What a person may see is kept nowhere; our own files are asked after each time.
                is_static = scope["path"].startswith(STATIC)
                headers["Cache-Control"] = "no-cache" if is_static else "no-store"
                metrics.PAGE_SECONDS.labels(_page(scope)).observe(time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, send_shielded)


def _page(scope: Scope) -> str:
    """The route's pattern: a path may be anything, and would make a series of its own."""
    return getattr(scope.get("route"), "path", "other")
