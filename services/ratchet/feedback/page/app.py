"""The labeling page as an ASGI app."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from ratchet.feedback.activity import Activity
from ratchet.feedback.audit_log import AuditLog
from ratchet.feedback.comparison_pool import ComparisonPool
from ratchet.feedback.history import History
from ratchet.feedback.labeling_desk import LabelingDesk
from ratchet.feedback.learner_client import LearnerClient
from ratchet.feedback.page.activity import ActivityHandlers
from ratchet.feedback.page.body import MAX_BODY_BYTES
from ratchet.feedback.page.controls import ControlHandlers
from ratchet.feedback.page.faults import FaultHandler
from ratchet.feedback.page.labeling import LabelingHandlers
from ratchet.feedback.page.plans import Plans
from ratchet.feedback.page.session import Sessions
from ratchet.feedback.page.shield import Shield
from ratchet.feedback.page.sign_in import SignInHandlers
from ratchet.feedback.page.standards import StandardHandlers
from ratchet.feedback.page.status import StatusHandlers
from ratchet.feedback.standard_book import StandardBook
from ratchet.process.errors import RpcFault

HERE = Path(__file__).parent


def labeling_app(
    standards: StandardBook,
    desk: LabelingDesk,
    pool: ComparisonPool,
    history: History,
    sessions: Sessions,
    closing: asyncio.Event,
    *,
    audit: AuditLog,
    activity: Activity,
    learner: LearnerClient,
    names: Sequence[str],
    marks_wanted: int = 0,
) -> Starlette:
    """`names`: hosts that a browser may ask for, and no other; `closing`: ends what streams."""
    # Autoescape is on for .html.
    templates = Jinja2Templates(HERE / "templates")
    return Starlette(
        routes=[
            *SignInHandlers(templates, sessions, standards, audit).routes(),
            *LabelingHandlers(templates, sessions, desk, marks_wanted).routes(),
            *StatusHandlers(
                templates,
                sessions,
                desk,
                pool,
                history,
                marks_wanted,
                closing,
                has_controls=learner.is_known,
            ).routes(),
            *ControlHandlers(templates, sessions, desk, Plans(history, learner), audit).routes(),
            *ActivityHandlers(templates, sessions, desk, activity).routes(),
            *StandardHandlers(
                templates, sessions, standards, desk, history.answers, audit
            ).routes(),
            Mount("/static", StaticFiles(directory=HERE / "static"), name="static"),
        ],
        middleware=[
            Middleware(Shield),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(names), www_redirect=False),
        ],
        exception_handlers={RpcFault: FaultHandler(templates)},
        max_body_size=MAX_BODY_BYTES,
    )
