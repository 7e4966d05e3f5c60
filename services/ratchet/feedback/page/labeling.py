"""The labeling page's own calls: a pair goes out, a label comes in."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from ratchet.feedback.labeling_desk import LabelingDesk
from ratchet.feedback.page.blinding import Blinding, PageVote
from ratchet.feedback.page.body import Body, read_json
from ratchet.feedback.page.session import CSRF_HEADER, Session, Sessions
from ratchet.feedback.page.sign_in import to_sign_in
from ratchet.feedback.pairs import DISAGREEMENT, FIRST, RANDOM, REPEAT, TAIL
from ratchet.process.errors import FieldNotFound
from ratchet.v1.critique_pb2 import Critique
from ratchet.v1.feedback_service_pb2 import (
    NextComparisonRequest,
    NextComparisonResponse,
    SubmitPreferenceRequest,
)
from ratchet.v1.preference_pb2 import Comparison, Marks

WHY = {
    FIRST: "No judge has learned from you yet. It begins with pairs like this one.",
    DISAGREEMENT: "The judge is unsure which of these is better. Your word teaches it most here.",
    RANDOM: "Drawn by lot, to see how often the judge agrees with people.",
    TAIL: "The judge thinks highly of both. Is it right?",
    REPEAT: "Somebody else has read this pair too. Two readers show what one alone overlooks.",
}
"""Why a pair was picked, in the words of the page."""

MOST_MARKS = 64


class LabelBody(Body):
    """What the browser sends of one label. First and second are the answers as they were shown."""

    pair_id: str
    submission_id: str
    vote: PageVote
    broken_first: Annotated[list[str], Field(max_length=MOST_MARKS)]
    broken_second: Annotated[list[str], Field(max_length=MOST_MARKS)]
    seconds: float


class LabelingHandlers:
    """The page, `next` and `labels`."""

    def __init__(
        self,
        templates: Jinja2Templates,
        sessions: Sessions,
        desk: LabelingDesk,
        marks_wanted: int,
    ) -> None:
        """`marks_wanted`: answers to be marked before the first judge; 0: not shown."""
        self._templates = templates
        self._sessions = sessions
        self._desk = desk
        self._marks_wanted = marks_wanted

    def routes(self) -> list[Route]:
        """Where they are met."""
        return [
            Route("/label/{standard_id}", self.page, name="label"),
            Route("/label/{standard_id}/next", self.next, methods=["POST"]),
            Route("/labels", self.submit, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """The page without a pair: the browser asks for that."""
        session = self._sessions.find(request)
        if session is None:
            return to_sign_in()
        standard = self._desk.newest_standard("standard_id", request.path_params["standard_id"])
        marked = self._desk.marked_answers(standard.standard_id)
        return self._templates.TemplateResponse(
            request,
            "label.html",
            {
                "session": session,
                "csrf_token": self._sessions.csrf_token(session),
                "standard": standard,
                "counts": self._counts(marked),
            },
        )

    async def next(self, request: Request) -> Response:
        """Leases a pair; `pair` is null while none waits for this labeler."""
        session = self._checked(request)
        standard_id = request.path_params["standard_id"]
        self._desk.newest_standard("standard_id", standard_id)
        asked = NextComparisonRequest(standard_id=standard_id, labeler=session.labeler)
        try:
            offer = await self._desk.next_comparison(asked)
        except FieldNotFound:  # the standard is known, so it is a pair that is not there
            marked = self._desk.marked_answers(standard_id)
            return JSONResponse({"pair": None, "counts": self._counts(marked)})
        return JSONResponse(
            {"pair": _shown(offer, session), "counts": self._counts(offer.marked_answers)}
        )

    async def submit(self, request: Request) -> Response:
        """Takes a label; again changes nothing."""
        session = self._checked(request)
        body = await read_json(request, LabelBody)
        blinding = Blinding(body.pair_id, session.labeler)
        broken_a, broken_b = blinding.ordered(body.broken_first, body.broken_second)
        reply = await self._desk.submit(
            SubmitPreferenceRequest(
                pair_id=body.pair_id,
                submission_id=body.submission_id,
                labeler=session.labeler,
                vote=blinding.vote(body.vote),
                marks_a=Marks(broken_criterion_ids=broken_a),
                marks_b=Marks(broken_criterion_ids=broken_b),
                seconds=body.seconds,
            )
        )
        return JSONResponse(
            {"duplicate": reply.duplicate, "counts": self._counts(reply.marked_answers)}
        )

    def _checked(self, request: Request) -> Session:
        session = self._sessions.require(request)
        self._sessions.check_csrf(session, request.headers.get(CSRF_HEADER, ""))
        return session

    def _counts(self, marked_answers: int) -> dict[str, int]:
        """In pairs, which is what a person counts; an odd answer is rounded up."""
        return {"labeled": marked_answers // 2, "wanted": (self._marks_wanted + 1) // 2}


def _shown(offer: NextComparisonResponse, session: Session) -> dict[str, Any]:
    """What the labeler may know: no version, no score, no order of sampling."""
    comparison = offer.comparison
    blinding = Blinding(comparison.pair_id, session.labeler)
    return {
        "pair_id": comparison.pair_id,
        "messages": [
            {"role": message.role, "text": message.content}
            for message in comparison.prompt.messages
        ],
        "answers": blinding.ordered(comparison.answer_a.text, comparison.answer_b.text),
        "criteria": [
            {"id": criterion.criterion_id, "sentence": criterion.sentence}
            for criterion in offer.standard.criteria
        ],
        "why": WHY.get(comparison.picked_because, ""),
        "pointed_at": _pointed_at(comparison, blinding),
    }


def _pointed_at(comparison: Comparison, blinding: Blinding) -> Sequence[list[str]] | None:
    """Of each answer as it is shown the rules that the helper points at; None: there is no help."""
    if not comparison.HasField("help"):
        return None
    told = comparison.help
    return blinding.ordered(_flags(told.critique_a), _flags(told.critique_b))


def _flags(critique: Critique) -> list[str]:
    return [criterion.criterion_id for criterion in critique.criteria if criterion.pointed_at]
