"""What every judge of the server is: something that scores answers, whatever stands behind it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import grpc

from ratchet.judge.judgement import preferred
from ratchet.process.errors import FieldNotFound, InvalidField, RpcFault
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.judge_service_pb2 import CritiqueResponse, JudgeInfo, ScoredItem


class Item(NamedTuple):
    """One answer to score, validated: texts, or token ids in their place.

    Items of one prompt share the `messages` object, so that a judge can tell cheaply.
    """

    messages: Sequence[Message]
    completion: str
    messages_field: str
    """Where the prompt stands in its request, for errors; the next one likewise."""
    completion_field: str
    prompt_token_ids: bytes = b""
    completion_token_ids: bytes = b""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a request says beside its items."""

    standard_id: str = ""
    judge_version: int = 0
    truncate: bool = False
    deadline: float = math.inf
    """On `time.monotonic`'s clock."""


@dataclass(frozen=True)
class Verdicts:
    """One scored item for each item, in order, all by one version."""

    items: list[ScoredItem]
    judge_version: int = 0
    standard_id: str = ""
    standard_version: int = 0


@dataclass(frozen=True)
class Comparison:
    """Probabilities that A is preferred, by which of the two was shown first, and both scores."""

    shown_first: float
    shown_second: float
    verdicts: Verdicts


class Judge(Protocol):
    """Scores answers; used from the server's event loop, and never blocks it.

    A request that makes no sense to a judge raises an RpcFault, one whose deadline passed raises
    TimeoutError. An answer that cannot be scored carries an error and spoils no other.
    """

    def info(self) -> JudgeInfo:
        """What it is and what can be asked of it, now."""
        ...

    async def score(self, items: Sequence[Item], ask: Ask) -> Verdicts:
        """Scores every item by one version."""
        ...

    async def compare(self, item_a: Item, item_b: Item, ask: Ask) -> Comparison:
        """Compares two answers to one prompt. Raises an RpcFault where one has no score."""
        ...


class Critic(Protocol):
    """A judge that can also say why."""

    async def critique(self, item: Item, ask: Ask) -> CritiqueResponse:
        """What is wrong with an answer, in words and by criterion."""
        ...


async def compare_by_scores(judge: Judge, item_a: Item, item_b: Item, ask: Ask) -> Comparison:
    """The comparison of a judge that reads each answer on its own: the order cannot matter."""
    verdicts = await judge.score([item_a, item_b], ask)
    for scored in verdicts.items:
        raise_error(scored)
    a_preferred = preferred(verdicts.items[0].judgement, verdicts.items[1].judgement)
    return Comparison(a_preferred, a_preferred, verdicts)


def raise_error(scored: ScoredItem) -> None:
    """Raises an item's error as that of the whole call, where it has one."""
    error = scored.judgement.error
    if error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]:
        raise InvalidField(error.field, error.message)
    if error.code:
        raise ItemFailed(error.code, f"{error.field}: {error.message}")


def refuse_version(ask: Ask) -> None:
    """Raises FieldNotFound where a judge without versions and standards is asked for one."""
    if ask.judge_version:
        raise FieldNotFound("judge_version", "this judge has no versions")
    if ask.standard_id:
        raise FieldNotFound("standard_id", "this judge knows of no standard")


def refuse_token_ids(items: Sequence[Item]) -> None:
    """Raises InvalidField, naming the field, for a judge that reads texts alone."""
    for item in items:
        if item.prompt_token_ids:
            raise InvalidField(item.messages_field, "this judge takes texts, not token ids")
        if item.completion_token_ids:
            raise InvalidField(item.completion_field, "this judge takes texts, not token ids")


class ItemFailed(RpcFault):
    """What a call cannot do without failed; the status is that of the item."""

    def __init__(self, code: int, description: str) -> None:
        """Takes the item's google.rpc.Code and what happened."""
        super().__init__(description)
        self.code = code
