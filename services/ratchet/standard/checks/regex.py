"""The check of a pattern."""

from typing import Annotated, Literal

from pydantic import AfterValidator

from ratchet.standard.checks.base import Check
from ratchet.standard.checks.pattern import check_pattern, found


class Regex(Check):
    """A pattern of RE2 is found in the answer or, if `absent`, is not."""

    kind: Literal["regex"]
    pattern: Annotated[str, AfterValidator(check_pattern)]
    """(?i) at its beginning ignores case, (?m) lets ^ and $ match at lines, (?s) . at their ends"""
    absent: bool = False
    """the answer must not match"""

    def fault(self, prompt: str, answer: str) -> str:
        """What matches and should not, or that nothing does."""
        match = found(self.pattern, answer)
        if self.absent:
            return "" if match is None else f'has "{match[:80]}", which must not be there'
        return f"has nothing that {self.pattern[:80]} matches" if match is None else ""
