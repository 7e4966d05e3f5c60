import pytest
from pydantic import ValidationError

from ratchet.feedback.config import FeedbackSettings


def test_shares_that_leave_no_room_are_refused_by_name() -> None:
    with pytest.raises(ValidationError, match=r"tail_share\n.*more than 1"):
        FeedbackSettings(random_share=0.6, tail_share=0.5)
