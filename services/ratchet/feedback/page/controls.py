"""Roll-back, promotion and pause: a page that says what will happen, and its button."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from ratchet.feedback.audit_log import AuditLog
from ratchet.feedback.labeling_desk import LabelingDesk
from ratchet.feedback.page.body import read_form
from ratchet.feedback.page.plans import Plan, Plans
from ratchet.feedback.page.roles import require_operator
from ratchet.feedback.page.session import Sessions
from ratchet.feedback.page.sign_in import SEE_OTHER, to_sign_in
from ratchet.process.errors import FailedPrecondition

MakePlan = Callable[[dict[str, Any]], Awaitable[Plan]]


class ControlHandlers:
    """For operators. Each action is written down before it is asked for."""

    def __init__(
        self,
        templates: Jinja2Templates,
        sessions: Sessions,
        desk: LabelingDesk,
        plans: Plans,
        audit: AuditLog,
    ) -> None:
        self._templates = templates
        self._sessions = sessions
        self._desk = desk
        self._plans = plans
        self._audit = audit

    def routes(self) -> list[Route]:
        """Where they are met: a GET tells, a POST does."""
        plans: dict[str, MakePlan] = {
            "promote/{role}/{version}": lambda path: self._plans.promote(
                path["standard_id"], path["role"], path["version"]
            ),
            "roll-back/{role}": lambda path: self._plans.roll_back(
                path["standard_id"], path["role"]
            ),
            "learning": lambda _: self._plans.learning(),
        }
        return [
            route
            for path, make_plan in plans.items()
            for route in self._of(f"/control/{{standard_id}}/{path}", make_plan)
        ]

    def _of(self, path: str, make_plan: MakePlan) -> list[Route]:
        async def tell(request: Request) -> Response:
            return await self._tell(request, make_plan)

        async def do(request: Request) -> Response:
            return await self._do(request, make_plan)

        return [Route(path, tell), Route(path, do, methods=["POST"])]

    async def _tell(self, request: Request, make_plan: MakePlan) -> Response:
        session = self._sessions.find(request)
        if session is None:
            return to_sign_in()
        require_operator(session)
        standard = self._desk.newest_standard("standard_id", request.path_params["standard_id"])
        context = {
            "session": session,
            "csrf_token": self._sessions.csrf_token(session),
            "standard": standard,
            "plan": await make_plan(request.path_params),
        }
        return self._templates.TemplateResponse(request, "control.html", context)

    async def _do(self, request: Request, make_plan: MakePlan) -> Response:
        session = self._sessions.require(request)
        fields = await read_form(request)
        self._sessions.check_csrf(session, fields.get("csrf_token", ""))
        require_operator(session)
        standard = self._desk.newest_standard("standard_id", request.path_params["standard_id"])
        plan = await make_plan(request.path_params)
        if not plan.button or fields.get("seen") != plan.seen:
            raise FailedPrecondition(
                "seen: things have changed since you were asked, so nothing was done: look at the "
                "status again"
            )
        await self._audit.write(
            session.labeler, f"{plan.action}.asked", plan.detail, via=session.tenant
        )
        await plan.do(session.labeler)
        return RedirectResponse(f"/status/{standard.standard_id}", SEE_OTHER)
