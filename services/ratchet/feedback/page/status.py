"""The status page, which follows what happens without a reload."""

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from ratchet.feedback.comparison_pool import ComparisonPool
from ratchet.feedback.history import History
from ratchet.feedback.labeling_desk import LabelingDesk
from ratchet.feedback.page.session import Sessions
from ratchet.feedback.page.sign_in import to_sign_in
from ratchet.feedback.page.status_report import status_report

LOOK_SECONDS = 2.0
"""Changes that come faster are told together."""
SILENT_LOOKS = 8
"""After these a line is sent all the same, so that a dead connection is noticed."""


class StatusHandlers:
    """The page, and the stream of its changes (server-sent events)."""

    def __init__(
        self,
        templates: Jinja2Templates,
        sessions: Sessions,
        desk: LabelingDesk,
        pool: ComparisonPool,
        history: History,
        marks_wanted: int,
        closing: asyncio.Event,
        *,
        has_controls: bool,
    ) -> None:
        """`closing`: ends the streams, which would hold the service up when it stops.

        `has_controls`: operators are shown the way to roll-back, promotion and pause.
        """
        self._templates = templates
        self._sessions = sessions
        self._desk = desk
        self._pool = pool
        self._history = history
        self._marks_wanted = marks_wanted
        self._closing = closing
        self._has_controls = has_controls

    def routes(self) -> list[Route]:
        """Where they are met."""
        return [
            Route("/status/{standard_id}", self.page, name="status"),
            Route("/status/{standard_id}/changes", self.changes),
        ]

    async def page(self, request: Request) -> Response:
        """All that is known now."""
        session = self._sessions.find(request)
        if session is None:
            return to_sign_in()
        standard = self._desk.newest_standard("standard_id", request.path_params["standard_id"])
        report = status_report(
            self._history,
            standard,
            waiting=self._pool.waiting(standard.standard_id),
            marks_wanted=self._marks_wanted,
            now=time.time(),
        )
        context = {
            "session": session,
            "csrf_token": self._sessions.csrf_token(session),
            "standard": standard,
            "report": report,
            "may_control": self._has_controls and session.is_operator,
        }
        return self._templates.TemplateResponse(request, "status.html", context)

    async def changes(self, request: Request) -> Response:
        """An event with the revision, now and whenever it has changed."""
        self._sessions.require(request)
        return StreamingResponse(self._events(), media_type="text/event-stream")

    async def _events(self) -> AsyncIterator[str]:
        told, silent = -1, 0
        while not self._closing.is_set():
            revision, silent = self._history.revision, silent + 1
            if revision != told or silent > SILENT_LOOKS:
                yield f"data: {revision}\n\n" if revision != told else ": still here\n\n"
                told, silent = revision, 0
            try:
                await asyncio.wait_for(self._closing.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue
