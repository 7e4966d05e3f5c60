"""Who sits at a browser."""

import secrets
import time
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from ratchet.feedback.page.seal import Seal
from ratchet.process.errors import PermissionDenied, Unauthenticated
from ratchet.process.keys_file import key_digest, tenant_in
from ratchet.process.tenant_book import TenantBook

SESSION_COOKIE = "ratchet_session"
FORM_COOKIE = "ratchet_form"
"""Of a browser that nobody has signed in at, for the token of the sign-in form. It is not the
session's: a link from elsewhere brings no strict cookie, and must not end the session."""

SESSION_SECONDS = 30 * 24 * 3600
CSRF_HEADER = "x-csrf-token"


class Session(BaseModel):
    """What the signed cookie holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    labeler: str
    nonce: str
    began: float
    """Unix time, seconds"""
    tenant: str = ""
    key_sha256: str = ""
    """hexadecimal, of the API key that was given; empty where none is asked for"""
    is_operator: bool = Field(default=False, exclude=True)
    """Never in the cookie: the keys file is asked each time."""


class Sessions:
    """Begins, finds and ends sessions, and guards forms against other sites (CSRF)."""

    def __init__(
        self,
        seal: Seal,
        tenants: TenantBook | None,
        over_tls: bool,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`tenants`: those whose keys open the page; None: no key is asked for."""
        self._seal = seal
        self._tenants = tenants
        self._over_tls = over_tls
        self._clock = clock

    @property
    def asks_for_key(self) -> bool:
        """Whether a name alone does not do."""
        return self._tenants is not None

    def begin(self, response: Response, labeler: str, key: str) -> Session:
        """Signs a labeler in; raises Unauthenticated where a key is asked for and not known."""
        tenant, digest = "", ""
        if self._tenants is not None:
            if self._tenants.find(key) is None:
                raise Unauthenticated("key: this access key is not known")
            tenant, digest = tenant_in(key), key_digest(key).hex()
        session = Session(
            labeler=labeler,
            nonce=secrets.token_hex(16),
            began=self._clock(),
            tenant=tenant,
            key_sha256=digest,
        )
        sealed = self._seal.seal("session", session.model_dump_json().encode())
        self._set_cookie(response, SESSION_COOKIE, sealed)
        return session

    def find(self, request: Request) -> Session | None:
        """Who is signed in; None where nobody is, it is too long ago, or the key was taken away."""
        payload = self._seal.open("session", request.cookies.get(SESSION_COOKIE, ""))
        if payload is None:
            return None
        try:
            session = Session.model_validate_json(payload)
        except ValidationError:  # of an older release
            return None
        if session.began + SESSION_SECONDS < self._clock():
            return None
        tenant = None
        if self._tenants is not None:
            digest = bytes.fromhex(session.key_sha256)
            tenant = self._tenants.find_digest(session.tenant, digest)
            if tenant is None:
                return None
        # Without a keys file whoever reaches the page may all, as at the learner's port.
        is_operator = tenant is None or tenant.role == "operator"
        return session.model_copy(update={"is_operator": is_operator})

    def require(self, request: Request) -> Session:
        """Who is signed in; raises Unauthenticated where nobody is."""
        session = self.find(request)
        if session is None:
            raise Unauthenticated("nobody is signed in at this browser")
        return session

    def end(self, response: Response) -> None:
        """The browser forgets who sat at it."""
        response.delete_cookie(SESSION_COOKIE, path="/", **self._cookie_options())

    def csrf_token(self, session: Session) -> str:
        """What the session's forms and calls must bring along."""
        return self._seal.signature("csrf", session.nonce.encode())

    def check_csrf(self, session: Session, token: str) -> None:
        """Raises PermissionDenied where the call was not made by one of our own pages."""
        if not self._seal.matches("csrf", session.nonce.encode(), token):
            raise PermissionDenied("csrf_token", "is not this session's: load the page again")

    def form_nonce(self, request: Request) -> str:
        """What ties the sign-in form to this browser; `keep_form` must send it along."""
        return request.cookies.get(FORM_COOKIE) or secrets.token_hex(16)

    def form_token(self, nonce: str) -> str:
        """What the sign-in form must bring along."""
        return self._seal.signature("form", nonce.encode())

    def keep_form(self, response: Response, nonce: str) -> None:
        """Has the browser keep the nonce."""
        self._set_cookie(response, FORM_COOKIE, nonce)

    def check_form(self, request: Request, token: str) -> None:
        """Raises PermissionDenied where the sign-in form was not ours."""
        nonce = request.cookies.get(FORM_COOKIE, "")
        if not (nonce and self._seal.matches("form", nonce.encode(), token)):
            raise PermissionDenied("csrf_token", "is not this form's: load the page again")

    def _set_cookie(self, response: Response, name: str, value: str) -> None:
        response.set_cookie(
            name, value, max_age=SESSION_SECONDS, path="/", **self._cookie_options()
        )

    def _cookie_options(self) -> dict[str, Any]:
        return {"httponly": True, "samesite": "strict", "secure": self._over_tls}
