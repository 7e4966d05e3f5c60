"""A judge that counts words, behind the real servicer."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import grpc

from ratchet.judge.grpc_servicer import JudgeServicer, RequestLimits
from ratchet.judge.judgement import failed
from ratchet.judge.judges.base import Ask, Comparison, Item, Verdicts, compare_by_scores
from ratchet.process.config import AuthSettings, TlsSettings
from ratchet.process.grpc_server import GrpcServer
from ratchet.process.packed import unpack_u32
from ratchet.v1.judge_service_pb2 import JudgeInfo, ScoredItem
from ratchet.v1.judge_service_pb2_grpc import add_JudgeServiceServicer_to_server
from ratchet.v1.judgement_pb2 import CriterionJudgement, Judgement

BROKEN = "broken"


class WordCount:
    """Scores by the number of words or token ids; `faults` are raised first, one a call."""

    def __init__(self) -> None:
        self.calls: list[list[Item]] = []
        self.faults: list[Exception] = []
        self.broken_code = grpc.StatusCode.INTERNAL

    def info(self) -> JudgeInfo:
        return JudgeInfo(name="serving", kind="word count", takes_token_ids=True)

    async def score(self, items: Sequence[Item], ask: Ask) -> Verdicts:
        self.calls.append(list(items))
        if self.faults:
            raise self.faults.pop(0)
        return Verdicts([self._scored(item) for item in items], 7, "shop", 2)

    async def compare(self, item_a: Item, item_b: Item, ask: Ask) -> Comparison:
        return await compare_by_scores(self, item_a, item_b, ask)

    def _scored(self, item: Item) -> ScoredItem:
        if item.completion == BROKEN:
            return ScoredItem(judgement=failed(self.broken_code, "cannot", item.completion_field))
        words = len(item.completion.split()) + len(unpack_u32(item.completion_token_ids))
        criteria = [CriterionJudgement(criterion_id="known", broken=0.0)]
        criteria.append(CriterionJudgement(criterion_id="unknown"))
        found = Judgement(score=words, spread=0.5, preferred_to_anchor=0.5, criteria=criteria)
        return ScoredItem(judgement=found)


@asynccontextmanager
async def serving(
    judge: WordCount,
    port: int = 0,
    tls: TlsSettings | None = None,
    auth: AuthSettings | None = None,
) -> AsyncIterator[str]:
    tls, auth = tls or TlsSettings(), auth or AuthSettings()
    server = GrpcServer("127.0.0.1", port, [], tls, auth)
    servicer = JudgeServicer({"serving": judge}, RequestLimits(100, 1000))
    add_JudgeServiceServicer_to_server(servicer, server.server)
    found = await server.start()
    yield f"127.0.0.1:{found}"
    await server.drain(0)
