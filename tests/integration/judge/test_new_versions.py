"""A judge process whose learner announces new versions while many ask it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import grpc
import pytest
from tests.chaos.judge_process import places
from tests.chaos.rollouts import tiny_trunk
from tests.chaos.service import Service
from tests.real_kafka import fresh_topics
from tests.unit.judge.judge_versions import fit, groups, publish
from tests.unit.reward.tiny import VOCABULARY

from ratchet.judge.engines.torch_engine import TorchEngine
from ratchet.judge.versions import JudgeVersion
from ratchet.local.broker import Broker
from ratchet.process.packed import pack_u32
from ratchet.reward.trunk import Trunk
from ratchet.stream.producer import Producer
from ratchet.v1.judge_service_pb2 import ScoreItem, ScoreRequest, ScoreResponse
from ratchet.v1.judge_service_pb2_grpc import JudgeServiceStub
from ratchet.v1.weights_pb2 import Pointer, Role, VersionStatus
from ratchet.weights.announcer import Announcer
from ratchet.weights.registry import Registry

CALLERS = 8
TOLERANCE = 1e-3
"""What is in a batch with an answer moves its score by less."""

ASKED = groups(12, VOCABULARY, seed=5, n=1)
REQUEST = ScoreRequest(
    items=[
        ScoreItem(
            prompt_token_ids=pack_u32(group.prompt_ids),
            completion_token_ids=pack_u32(group.completion_ids[0]),
        )
        for group in ASKED
    ]
)


@dataclass
class Learner:
    """Makes and announces versions, and knows what each of them must say."""

    service: Service
    trunk: Trunk
    announcer: Announcer
    registry: Registry
    scores: dict[int, list[float]] = field(default_factory=dict)
    epoch: int = 0

    def make(self) -> int:
        """Another version, which nobody knows of yet."""
        version = len(self.scores) + 1
        heads = fit(self.trunk, seed=version)
        publish(self.registry, self.trunk.sha256, version, heads)
        found = TorchEngine(self.trunk, 128).score(JudgeVersion(version, heads), ASKED)
        self.scores[version] = [float(each.score_n[0]) for each in found]
        return version

    async def serve(self, version: int) -> None:
        await self._announce(version, VersionStatus.VERSION_STATUS_SERVING)
        self.epoch += 1
        pointer = Pointer(role=Role.ROLE_JUDGE, version=version, epoch=self.epoch)
        await asyncio.to_thread(self.announcer.point, pointer)

    async def propose(self, version: int) -> None:
        await self._announce(version, VersionStatus.VERSION_STATUS_CANDIDATE)

    async def _announce(self, version: int, status: VersionStatus) -> None:
        manifest = self.registry.manifest(Role.ROLE_JUDGE, version)
        manifest.status = status
        await asyncio.to_thread(self.announcer.announce, manifest)


@pytest.fixture(scope="module")
def learner(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Learner]:
    """The judge runs."""
    kafka, folder = fresh_topics(broker), tmp_path_factory.mktemp("judge")
    registry, trunk = Registry(folder / "registry"), tiny_trunk(folder / "trunk")
    settings = {
        **places(registry, trunk),
        "context_tokens": 128,
        "rollouts": False,
        "cached_scores": 0,
        # A request takes several batches, and a version may come between any two of them.
        "max_batch_tokens": 40,
        "kafka": kafka.model_dump(exclude_defaults=True),
    }
    service, producer = Service("judge", folder / "service", settings), Producer(kafka, "test")
    service.start()
    try:
        with service.until_serving():
            yield Learner(service, Trunk(trunk), Announcer(producer, registry), registry)
    finally:
        service.stop()
        producer.close()


@asynccontextmanager
async def asking(learner: Learner) -> AsyncIterator["asyncio.Queue[ScoreResponse]"]:
    """Callers that ask without a pause; a call that fails fails the test."""
    replies: asyncio.Queue[ScoreResponse] = asyncio.Queue()
    async with grpc.aio.insecure_channel(learner.service.address) as channel:
        stub = JudgeServiceStub(channel)

        async def call() -> None:
            while True:
                replies.put_nowait(await stub.Score(REQUEST, timeout=60))

        async with asyncio.TaskGroup() as group:
            callers = [group.create_task(call()) for _ in range(CALLERS)]
            yield replies
            for caller in callers:
                caller.cancel()


async def test_new_versions_drop_no_call_and_none_is_scored_half_by_each(learner: Learner) -> None:
    versions = [await asyncio.to_thread(learner.make) for _ in range(6)]
    await learner.serve(versions[0])
    await until(learner, "serving", versions[0])
    seen: list[ScoreResponse] = []
    async with asking(learner) as replies:
        for version in versions[1:]:
            await learner.serve(version)
            while not seen or seen[-1].judge_version != version:
                seen.append(await asyncio.wait_for(replies.get(), 60))
    assert {reply.judge_version for reply in seen} == set(versions)
    for reply in seen:
        scores = [item.judgement.score for item in reply.items]
        assert scores == pytest.approx(learner.scores[reply.judge_version], abs=TOLERANCE)
    for one, other in pairwise(versions):
        pairs = zip(learner.scores[one], learner.scores[other], strict=True)
        assert max(abs(a - b) for a, b in pairs) > 2 * TOLERANCE, "or this test could see nothing"


async def ask(learner: Learner, judge: str) -> ScoreResponse | None:
    """None where no version has that name now."""
    request = ScoreRequest(items=REQUEST.items, judge=judge)
    async with grpc.aio.insecure_channel(learner.service.address) as channel:
        try:
            return await JudgeServiceStub(channel).Score(request, timeout=60)
        except grpc.aio.AioRpcError as error:
            assert error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.NOT_FOUND)
            return None


async def until(learner: Learner, judge: str, version: int | None) -> None:
    """Until a judge is that version, or there is none."""
    while (reply := await ask(learner, judge)) is None or reply.judge_version != version:
        if reply is None and version is None:
            return
        await asyncio.sleep(0.05)
    assert reply.judge == judge
    scores = [item.judgement.score for item in reply.items]
    assert scores == pytest.approx(learner.scores[reply.judge_version], abs=TOLERANCE)


async def test_a_candidate_is_tried_by_its_name_until_it_is_in_force(learner: Learner) -> None:
    first, second = [await asyncio.to_thread(learner.make) for _ in range(2)]
    await learner.serve(first)
    await until(learner, "serving", first)
    await until(learner, "candidate", None)
    await learner.propose(second)
    await until(learner, "candidate", second)
    await until(learner, "serving", first)
    await learner.serve(second)
    await until(learner, "serving", second)
    await until(learner, "candidate", None)
