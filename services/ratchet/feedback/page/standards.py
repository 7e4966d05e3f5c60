"""The standards, for their owners: to read, to write the next version, to try it before."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from ratchet.feedback.audit_log import AuditLog
from ratchet.feedback.labeling_desk import LabelingDesk
from ratchet.feedback.page.body import read_form
from ratchet.feedback.page.check_kinds import CHECK_KINDS
from ratchet.feedback.page.roles import require_operator
from ratchet.feedback.page.session import Session, Sessions
from ratchet.feedback.page.sign_in import SEE_OTHER, to_sign_in
from ratchet.feedback.page.standard_draft import RuleDraft, StandardDraft
from ratchet.feedback.page.standard_findings import MOST_ANSWERS, try_standard
from ratchet.feedback.page.standard_text import ChangedLine, changes, check_lines, weight_text
from ratchet.feedback.recent_answers import RecentAnswer, RecentAnswers
from ratchet.feedback.standard_book import NotTheNewest, StandardBook
from ratchet.feedback.standard_trial import StandardTrial
from ratchet.process.errors import FieldNotFound, Unavailable
from ratchet.standard.checks.any_check import checks_of
from ratchet.standard.standard_file import parse_standard, ready_made, standard_text
from ratchet.v1.standard_pb2 import Standard

MAX_STANDARD_BYTES = 1024 * 1024
"""A form of many rules with programs, each character of which may be sent as nine."""
MOST_FIELDS = 2000


class StandardHandlers:
    """For operators."""

    def __init__(
        self,
        templates: Jinja2Templates,
        sessions: Sessions,
        standards: StandardBook,
        desk: LabelingDesk,
        answers: RecentAnswers,
        audit: AuditLog,
    ) -> None:
        self._templates = templates
        self._sessions = sessions
        self._standards = standards
        self._desk = desk
        self._answers = answers
        self._audit = audit
        self._trial = StandardTrial()

    def routes(self) -> list[Route]:
        """Where they are met."""
        return [
            Route("/standards", self.all, name="standards"),
            Route("/standards/{standard_id}", self.read, name="standard"),
            Route("/edit-standard", self.edit, name="edit_standard"),
            Route(
                "/edit-standard", self.change, methods=["POST"], max_body_size=MAX_STANDARD_BYTES
            ),
        ]

    async def all(self, request: Request) -> Response:
        """Those that there are, and those to start from."""
        session = self._sessions.find(request)
        if session is None:
            return to_sign_in()
        require_operator(session)
        context = {
            "standards": self._standards.newest(),
            "starts": {name: parse_standard(standard_text(name)) for name in ready_made()},
            "checks_of": checks_of,
        }
        return self._page(request, session, "standard_list.html", context)

    async def read(self, request: Request) -> Response:
        """A version, and what it changed of the one before."""
        session = self._sessions.find(request)
        if session is None:
            return to_sign_in()
        require_operator(session)
        standard_id = request.path_params["standard_id"]
        standard = self._version(standard_id, request.query_params.get("version", ""))
        before = self._standards.get(standard_id, standard.version - 1)
        changed: Sequence[ChangedLine] = ()
        if before and standard.version > 1:
            changed = await asyncio.to_thread(changes, before, standard)
        context = {
            "standard": standard,
            "versions": self._standards.versions(standard_id),
            "changes": changed,
            "check_lines": check_lines,
            "weight_text": weight_text,
            "is_saved": request.query_params.get("saved") == str(standard.version),
        }
        return self._page(request, session, "standard_read.html", context)

    async def edit(self, request: Request) -> Response:
        """The editor, with a version that is there, one to start from, or nothing."""
        session = self._sessions.find(request)
        if session is None:
            return to_sign_in()
        require_operator(session)
        asked = request.query_params
        if start := asked.get("from", ""):
            if start not in ready_made():
                raise FieldNotFound("from", f"there is no {start!r} to start from")
            draft = StandardDraft.of(parse_standard(standard_text(start)), 0)
            if self._standards.get(draft.standard_id):
                draft.standard_id = ""  # That one is changed on its own page.
        elif standard_id := asked.get("standard", ""):
            standard = self._version(standard_id, asked.get("version", ""))
            newest = self._desk.newest_standard("standard", standard_id)
            draft = StandardDraft.of(standard, newest.version)
        else:
            draft = StandardDraft(rules=[RuleDraft()])
        return self._editor(request, session, draft)

    async def change(self, request: Request) -> Response:
        """What a button of the editor says."""
        session = self._sessions.require(request)
        fields = await read_form(request, MOST_FIELDS)
        self._sessions.check_csrf(session, fields.get("csrf_token", ""))
        require_operator(session)
        draft = StandardDraft.read(fields)
        own = RecentAnswer("", fields.get("own_prompt", ""), fields.get("own_answer", ""))
        context: dict[str, Any] = {"own": own}
        match fields.get("action", ""):
            case "save":
                return await self._save(request, session, draft, context)
            case "try":
                answers = self._answers.newest(draft.standard_id, MOST_ANSWERS)
                if own.text.strip():
                    answers = [own]
                _, context["faults"] = await asyncio.to_thread(draft.standard)
                context["trial"] = await try_standard(self._trial, draft, answers)
            case action:
                context["focus"] = draft.change(action)
                context["focus_on"] = action.partition(" ")[0]
        return self._editor(request, session, draft, **context)

    async def _save(
        self, request: Request, session: Session, draft: StandardDraft, context: dict[str, Any]
    ) -> Response:
        draft.name_all()
        # Its patterns, schemas and expressions are compiled, which holds nobody else up here.
        standard, faults = await asyncio.to_thread(draft.standard)
        newest = self._standards.get(draft.standard_id)
        if newest and not draft.base_version:
            faults["standard_id"] = "There is a standard of this name: choose another."
        if faults:
            return self._editor(
                request, session, draft, 400, faults=faults, is_save=True, **context
            )
        standard.version = draft.base_version
        if newest == standard:
            context["notice"] = "Nothing has changed, so that nothing was saved."
            return self._editor(request, session, draft, **context)
        try:
            if newest and newest.version != draft.base_version:
                raise NotTheNewest(newest)
            actor, via = session.labeler, session.tenant
            await self._audit.write(actor, "standard.put.asked", draft.standard_id, via)
            stored = await self._standards.put(standard, draft.base_version)
            self._audit.note(
                actor, "standard.put", f"{stored.standard_id} version {stored.version}", via
            )
        except NotTheNewest as error:
            context["rival"] = error.newest
            context["rival_changes"] = await asyncio.to_thread(changes, error.newest, standard)
            draft.base_version = error.newest.version  # Who saves again has been told.
            return self._editor(request, session, draft, 409, **context)
        except Unavailable:
            context["notice"] = "It could not be saved just now. What you typed is here: try again."
            return self._editor(request, session, draft, 503, **context)
        address = f"/standards/{stored.standard_id}?version={stored.version}&saved={stored.version}"
        return RedirectResponse(address, SEE_OTHER)

    def _version(self, standard_id: str, version: str) -> Standard:
        """The newest where none is named. Raises FieldNotFound."""
        newest = self._desk.newest_standard("standard_id", standard_id)
        if not version:
            return newest
        number = int(version) if re.fullmatch("[0-9]{1,18}", version) else 0
        standard = self._standards.get(standard_id, number) if number else None
        if standard is None:
            raise FieldNotFound("version", f"{standard_id!r} has no version {version!r:.20}")
        return standard

    def _editor(
        self,
        request: Request,
        session: Session,
        draft: StandardDraft,
        status: int = 200,
        **context: Any,
    ) -> Response:
        base = None
        if draft.base_version:
            base = self._standards.get(draft.standard_id, draft.base_version)
        criteria = {rule.criterion_id for rule in draft.rules}
        context = {
            "draft": draft,
            "kinds": CHECK_KINDS,
            "is_new": draft.base_version == 0,
            "standard": base,
            "marked": self._desk.marked_answers(draft.standard_id) if base else 0,
            "has_other_rules": base and criteria != {each.criterion_id for each in base.criteria},
            "faults": {},
            "place_id": place_id,
            "place_name": place_name,
            **context,
        }
        return self._page(request, session, "standard_edit.html", context, status)

    def _page(
        self,
        request: Request,
        session: Session,
        template: str,
        context: dict[str, Any],
        status: int = 200,
    ) -> Response:
        ours = {"session": session, "csrf_token": self._sessions.csrf_token(session)}
        return self._templates.TemplateResponse(
            request, template, {**ours, **context}, status_code=status
        )


def place_id(place: str) -> str:
    """The id of a field's element: `criteria-0-sentence` of `criteria[0].sentence`."""
    return re.sub(r"\W+", "-", place).strip("-")


def place_name(place: str) -> str:
    """Where a field stands, in words."""
    if found := re.match(r"criteria\[(\d+)\]", place):
        return f"Rule {int(found[1]) + 1}"
    return {"title": "Title", "standard_id": "Short name"}.get(place, "Rules")
