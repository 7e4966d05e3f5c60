"""What a person may on the page: a labeler labels, an operator also decides what is served."""

from ratchet.feedback.page.session import Session
from ratchet.process.errors import PermissionDenied


def require_operator(session: Session) -> None:
    """Raises PermissionDenied for a labeler."""
    if not session.is_operator:
        raise PermissionDenied(
            "role",
            "this is for operators, and your access key is a labeler's: ask whoever looks after "
            "this page",
        )
