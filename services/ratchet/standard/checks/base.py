"""What every check is."""

from abc import ABC, abstractmethod
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=0, le=2**32 - 1)]
"""as much as crosses in a message"""


class CheckFailed(Exception):
    """The check could not tell, which says nothing about the answer."""


class Check(BaseModel, ABC):
    """Met by an answer or not, whoever asks and however often."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    @abstractmethod
    def fault(self, prompt: str, answer: str) -> str:
        """What is wrong with the answer, in plain words; empty where it meets the check.

        Raises:
            CheckFailed: the check cannot tell.
        """
