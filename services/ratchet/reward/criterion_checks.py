"""The checks of a standard's criteria, which tell in place of heads."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ratchet.standard.checks.any_check import StandardCheck, checks_of, parse_check
from ratchet.standard.checks.base import CheckFailed
from ratchet.v1.standard_pb2 import Standard

CheckFields = Mapping[str, Any]
"""A check as it is kept in a judge version's settings."""


class CriterionChecks:
    """Of each criterion its check, or none; in the order of the arrays' C axis."""

    def __init__(
        self, criterion_ids: Sequence[str], fields: Sequence[CheckFields | None] = ()
    ) -> None:
        """`fields` as `fields_of` gives them. Raises ValueError where one describes no check."""
        self._names = criterion_ids
        self.key = json.dumps([list(criterion_ids), list(fields)])
        """The same for the same checks."""
        self._checks: dict[int, StandardCheck] = {
            place: parse_check(each) for place, each in enumerate(fields) if each is not None
        }
        self.has_C = np.isin(np.arange(len(criterion_ids)), list(self._checks))

    def __bool__(self) -> bool:
        """Whether any criterion has a check."""
        return bool(self._checks)

    def broken_C(self, prompt: str, answer: str) -> np.ndarray:
        """1 where the answer breaks a check, 0 where it meets one, NaN where there is none.

        `prompt`: the texts of all turns, a line each.

        Raises:
            CheckFailed: a check cannot tell; the criterion is named.
        """
        broken_C = np.full(len(self._names), np.nan)
        for place, check in self._checks.items():
            try:
                broken_C[place] = bool(check.fault(prompt, answer))
            except CheckFailed as error:
                raise CheckFailed(f"check {self._names[place]}: {error}") from None
        return broken_C


def fields_of(standard: Standard) -> tuple[CheckFields | None, ...]:
    """The checks of a standard's criteria, as a judge version keeps them."""
    checks = checks_of(standard)
    found = [checks.get(criterion.criterion_id) for criterion in standard.criteria]
    return tuple(
        None if each is None else each.model_dump(mode="json", by_alias=True, exclude_unset=True)
        for each in found
    )
