"""A judge without a model: characters for tokens, and scores that tell what was scored."""

from collections.abc import Callable, Sequence

import numpy as np

from ratchet.judge.batching import BatchQueue
from ratchet.judge.versions import JudgeVersion
from ratchet.process.conversation import TemplateRefuses
from ratchet.reward.heads import Heads, HeadsSettings, Scores
from ratchet.reward.packing import TokenGroup

NAN_ID = 0x2620  # the token of "☠": its answer's score is NaN
COPIES = 2

Queue = BatchQueue[JudgeVersion, TokenGroup, Scores]


def version(number: int = 1, standard_id: str = "shop", standard_version: int = 3) -> JudgeVersion:
    settings = HeadsSettings(
        standard_id=standard_id,
        standard_version=standard_version,
        criterion_ids=("short", "polite"),
        criterion_weights=(1.0, 2.0),
        known=(True, False),
        detection_rate=0.6,
        marked_answers=480,
        sentences=((), ()),
    )
    return JudgeVersion(number, Heads(settings, {}))


def expected_score(number: int, completion_ids: Sequence[int]) -> float:
    return number + sum(completion_ids) % 997 / 1000


REFUSED = "by the template"


class FakeTokenizer:
    """One token a character; the roles leave no trace."""

    def prompt_ids(self, messages: Sequence[tuple[str, str]]) -> tuple[int, ...]:
        if any(content == REFUSED for _, content in messages):
            raise TemplateRefuses(REFUSED)
        return tuple(ord(character) for _, content in messages for character in content)

    def completion_ids(self, text: str) -> tuple[int, ...]:
        return tuple(map(ord, text))


class FakeModel:
    """Keeps every batch that reached it; `before` is called with each one first."""

    def __init__(self) -> None:
        self.batches: list[tuple[int, list[TokenGroup]]] = []
        self.before: Callable[[Sequence[TokenGroup]], None] = lambda groups: None

    async def score(self, judge: JudgeVersion, groups: Sequence[TokenGroup]) -> list[Scores]:
        self.before(groups)
        self.batches.append((judge.number, list(groups)))
        return [scores_of(judge.number, group) for group in groups]

    @property
    def groups(self) -> list[TokenGroup]:
        return [group for _, groups in self.batches for group in groups]


def scores_of(number: int, group: TokenGroup) -> Scores:
    n = len(group.completion_ids)
    score_n = np.array(
        [np.nan if NAN_ID in ids else expected_score(number, ids) for ids in group.completion_ids]
    )
    return Scores(
        score_n=score_n,
        spread_n=np.full(n, 0.25),
        preferred_to_anchor_n=np.array([1 / (1 + len(ids)) for ids in group.completion_ids]),
        preferred_bootstrap_nK=np.tile([0.25, 0.75], (n, 1)),
        broken_nC=np.tile([0.75, np.nan], (n, 1)),
        broken_bootstrap_nCK=np.tile([[0.5, 1.0], [np.nan, np.nan]], (n, 1, 1)),
    )


def queue_before(model: FakeModel, max_batch: int = 1000, max_queue: int = 4000) -> Queue:
    return BatchQueue(model.score, lambda group: group.length, max_batch, max_queue)
