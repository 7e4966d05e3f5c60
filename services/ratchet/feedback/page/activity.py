"""The activity page: who did what, for operators."""

import datetime
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from ratchet.feedback.activity import Activity
from ratchet.feedback.labeling_desk import LabelingDesk
from ratchet.feedback.page.roles import require_operator
from ratchet.feedback.page.session import Sessions
from ratchet.feedback.page.sign_in import to_sign_in
from ratchet.v1.audit_pb2 import AuditRecord

WORDS = {
    "page.sign-in": "signed in",
    "page.sign-in-refused": "was turned away: the access key is not known",
    "page.sign-out": "signed out",
    "standard.put.asked": "asked for a standard to be stored",
    "standard.put": "stored a standard",
    "weights.promote.asked": "asked for a version to be used",
    "weights.promote": "put a version in use",
    "weights.rollback.asked": "asked to go back to the proven version",
    "weights.rollback": "went back to the proven version",
    "learner.pause.asked": "asked for learning to pause",
    "learner.pause": "paused learning",
    "learner.resume.asked": "asked for learning to go on",
    "learner.resume": "let learning go on",
    "learner.set-updates-wanted": "changed after how many updates learning ends",
    "learner.corrupt-next-update": "had the next update spoiled, as a drill",
    "erase.labeler": "erased a person's labels",
    "erase.prompt": "erased a prompt",
    "gate.rose": "let the judge act more freely",
    "gate.fell": "took freedom back from the judge",
}
"""Actions in the words of the page; another is shown by its name."""


@dataclass(frozen=True)
class Deed:
    """A row."""

    when: str
    who: str
    via: str
    """a tenant, an address, or how a notice was sent"""
    what: str
    detail: str


class ActivityHandlers:
    """The page."""

    def __init__(
        self,
        templates: Jinja2Templates,
        sessions: Sessions,
        desk: LabelingDesk,
        activity: Activity,
    ) -> None:
        self._templates = templates
        self._sessions = sessions
        self._desk = desk
        self._activity = activity

    def routes(self) -> list[Route]:
        """Where it is met."""
        return [Route("/activity/{standard_id}", self.page, name="activity")]

    async def page(self, request: Request) -> Response:
        """The newest records, of all standards."""
        session = self._sessions.find(request)
        if session is None:
            return to_sign_in()
        require_operator(session)
        context = {
            "session": session,
            "csrf_token": self._sessions.csrf_token(session),
            "standard": self._desk.newest_standard(
                "standard_id", request.path_params["standard_id"]
            ),
            "deeds": [_deed(record) for record in self._activity.newest()],
        }
        return self._templates.TemplateResponse(request, "activity.html", context)


def _deed(record: AuditRecord) -> Deed:
    when = datetime.datetime.fromtimestamp(record.at, datetime.UTC)
    return Deed(
        f"{when:%Y-%m-%d %H:%M} UTC",
        record.actor,
        record.via,
        _in_words(record.action),
        record.detail,
    )


def _in_words(action: str) -> str:
    if action.startswith("notice."):
        return "told the owner"
    return WORDS.get(action, action)
