"""The way in: a name, and a key where one is asked for."""

import unicodedata

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from ratchet.feedback import metrics
from ratchet.feedback.audit_log import AuditLog
from ratchet.feedback.page.body import read_form
from ratchet.feedback.page.session import Session, Sessions
from ratchet.feedback.requests import check_name
from ratchet.feedback.standard_book import StandardBook
from ratchet.process.errors import InvalidField, Unauthenticated
from ratchet.process.token_bucket import TokenBucket

SEE_OTHER = 303
LONGEST_NAME = 60

RECORDS_A_SECOND, RECORDS_AT_ONCE = 0.1, 30
"""Of refusals, and of coming and going: strangers must not fill a topic that is kept for ever."""

NOBODYS_NAMES = ("erase", "gate", "learner", "notices")
"""Those by which the system itself acts, in the audit."""


def to_sign_in() -> Response:
    """For whoever asks for a page without a session."""
    return RedirectResponse("/sign-in", SEE_OTHER)


class SignInHandlers:
    """Sign in, sign out, and which standard to label by."""

    def __init__(
        self,
        templates: Jinja2Templates,
        sessions: Sessions,
        standards: StandardBook,
        audit: AuditLog,
    ) -> None:
        self._templates = templates
        self._sessions = sessions
        self._standards = standards
        self._audit = audit
        self._refusals = TokenBucket(RECORDS_A_SECOND, RECORDS_AT_ONCE)
        self._visits = TokenBucket(RECORDS_A_SECOND, RECORDS_AT_ONCE)

    def routes(self) -> list[Route]:
        """Where they are met."""
        return [
            Route("/", self.home, name="home"),
            Route("/sign-in", self.form, name="sign_in"),
            Route("/sign-in", self.sign_in, methods=["POST"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
        ]

    async def home(self, request: Request) -> Response:
        """Straight to the only standard there is, or a list of them."""
        session = self._sessions.find(request)
        if session is None:
            return to_sign_in()
        standards = self._standards.newest()
        if len(standards) == 1:
            return RedirectResponse(f"/label/{standards[0].standard_id}", SEE_OTHER)
        context = {
            "session": session,
            "csrf_token": self._sessions.csrf_token(session),
            "standards": standards,
        }
        return self._templates.TemplateResponse(request, "standards.html", context)

    async def form(self, request: Request) -> Response:
        """An empty form."""
        return self._form(request)

    async def sign_in(self, request: Request) -> Response:
        """Begins a session, or shows the form again and says what is wrong with it."""
        fields = await read_form(request)
        self._sessions.check_form(request, fields.get("csrf_token", ""))
        name = " ".join(unicodedata.normalize("NFC", fields.get("name", "")).split())
        try:
            if len(name) > LONGEST_NAME:
                raise InvalidField("name", f"is longer than {LONGEST_NAME} characters")
            check_name("name", name)
            if unicodedata.normalize("NFKC", name).casefold() in NOBODYS_NAMES:
                raise InvalidField("name", "is one that the system itself goes by")
            response = RedirectResponse("/", SEE_OTHER)
            session = self._sessions.begin(response, name, fields.get("key", "").strip())
        except InvalidField as error:
            return self._form(request, name, str(error))
        except Unauthenticated as error:
            metrics.PAGE_REFUSED.labels(error.limit).inc()
            if not self._refusals.take(1):
                self._audit.note(name, "page.sign-in-refused")
            return self._form(request, name, str(error))
        self._note_visit(session, "page.sign-in")
        return response

    async def sign_out(self, request: Request) -> Response:
        """Forgets who sat here."""
        session = self._sessions.require(request)
        fields = await read_form(request)
        self._sessions.check_csrf(session, fields.get("csrf_token", ""))
        response = to_sign_in()
        self._sessions.end(response)
        self._note_visit(session, "page.sign-out")
        return response

    def _note_visit(self, session: Session, action: str) -> None:
        if not self._visits.take(1):
            self._audit.note(session.labeler, action, via=session.tenant)

    def _form(self, request: Request, name: str = "", wrong: str = "") -> Response:
        field, _, description = wrong.partition(": ")
        nonce = self._sessions.form_nonce(request)
        context: dict[str, object] = {
            "csrf_token": self._sessions.form_token(nonce),
            "name": name,
            "asks_for_key": self._sessions.asks_for_key,
            "wrong_field": field,
            "wrong": description,
            "longest_name": LONGEST_NAME,
        }
        response = self._templates.TemplateResponse(
            request, "sign_in.html", context, status_code=400 if wrong else 200
        )
        self._sessions.keep_form(response, nonce)
        return response
