"""The judge, from start to stop."""

import asyncio
import gc
from collections.abc import Callable, Generator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ratchet.judge.batching import BatchQueue
from ratchet.judge.candidate import CandidatePlace
from ratchet.judge.checker import Checker
from ratchet.judge.config import JudgeSettings
from ratchet.judge.engines.base import Engine
from ratchet.judge.grpc_servicer import JudgeServicer, RequestLimits
from ratchet.judge.judgement import judgement
from ratchet.judge.judges.build import JudgeBuilder
from ratchet.judge.judges.local import LocalJudge, LocalLimits
from ratchet.judge.judges.settings import CANDIDATE, SERVING
from ratchet.judge.loader import VersionLoader
from ratchet.judge.model_thread import ModelThread, at_once
from ratchet.judge.rollout_judge import RolloutJudge
from ratchet.judge.versions import JudgeVersion, Versions
from ratchet.process.config import ConfigError
from ratchet.process.grpc_server import GrpcServer
from ratchet.process.lease import ComputeLease
from ratchet.process.metrics_exporter import start_exporter
from ratchet.reward.heads import Scores
from ratchet.reward.packing import TokenGroup
from ratchet.v1 import judge_service_pb2
from ratchet.v1.judge_service_pb2_grpc import add_JudgeServiceServicer_to_server
from ratchet.v1.weights_pb2 import Role
from ratchet.weights.verify import VersionRejected

SERVICE_NAME = judge_service_pb2.DESCRIPTOR.services_by_name["JudgeService"].full_name
CATCH_UP_SECONDS = 60.0


async def serve(settings: JudgeSettings, stop: asyncio.Event) -> None:
    """Serves until `stop`; raises ConfigError where it cannot begin."""
    start_exporter(settings.metrics_host, settings.metrics_port)
    # Before any model: keys or certificates that cannot be used are told at once.
    server = GrpcServer.of(settings, SERVICE_NAME)
    models = ModelThread(settings.max_batch_tokens, settings.max_queue_tokens)
    async with AsyncExitStack() as opened:
        learned = await _learned(settings, models) if settings.trunk else None
        if learned:
            opened.callback(learned.checker.close)
        builder = JudgeBuilder(settings, learned and learned.judge, models.queue_before, opened)
        request_limits = RequestLimits(settings.max_items, settings.max_text_bytes)
        judges = await builder.build()
        servicer = JudgeServicer(judges, request_limits)
        add_JudgeServiceServicer_to_server(servicer, server.server)
        await server.start()
        judging: list[asyncio.Task[None]] = []
        try:
            if learned:
                place = CandidatePlace(judges, learned.candidate)
                loader = VersionLoader(learned.engine, learned.versions, place.take)
                await _begin_serving(settings, loader, learned.standards, opened)
            if learned and settings.rollouts:
                judging.append(asyncio.create_task(_judge_rollouts(settings, learned)))
            # What is loaded stays, so a collection need not walk it; what is dead already must go.
            gc.collect()
            gc.freeze()
            server.set_serving(True)
            await _until(stop, [*models.running, *judging])
        finally:
            # Together: nobody is sent here any more while the last groups are committed.
            await asyncio.gather(_cancel(judging), server.drain(settings.drain_seconds))
            await models.close()


@dataclass(frozen=True)
class _Learned:
    """The loop's own judge, and what keeps it up to date."""

    judge: LocalJudge[JudgeVersion, Scores]
    candidate: Callable[[JudgeVersion], LocalJudge[JudgeVersion, Scores]]
    """the judge of a version that waits to be proven"""
    engine: Engine
    versions: Versions[JudgeVersion]
    standards: set[str]
    queue: BatchQueue[JudgeVersion, TokenGroup, Scores]
    checker: Checker


async def _learned(settings: JudgeSettings, models: ModelThread) -> _Learned:
    # Heavy: only where there is a trunk.
    from ratchet.judge.model import load_model

    assert settings.trunk is not None
    if not (settings.trunk / "model.safetensors").is_file():
        raise ConfigError(f"trunk: there is no model.safetensors in {settings.trunk}")
    model = await asyncio.to_thread(load_model, settings.trunk, settings.context_tokens)
    limits = model.engine.limits
    standards: set[str] = set()
    versions: Versions[JudgeVersion] = Versions(standards.__contains__)
    queue = models.queue_before(at_once(model.engine.score))
    checker = Checker()
    local = LocalLimits(limits.context_tokens, limits.vocabulary, settings.max_batch_tokens)

    def judge(name: str, versions: Versions[JudgeVersion]) -> LocalJudge[JudgeVersion, Scores]:
        return LocalJudge(
            name,
            "learned",
            versions,
            queue,
            judgement,
            model.tokenizer,
            local,
            cached_scores=settings.cached_scores,
            checks=checker,
        )

    def candidate(version: JudgeVersion) -> LocalJudge[JudgeVersion, Scores]:
        alone: Versions[JudgeVersion] = Versions(standards.__contains__)
        alone.serve(version)
        return judge(CANDIDATE, alone)

    serving = judge(SERVING, versions)
    return _Learned(serving, candidate, model.engine, versions, standards, queue, checker)


async def _begin_serving(
    settings: JudgeSettings, loader: VersionLoader, standards: set[str], opened: AsyncExitStack
) -> None:
    if settings.version_folder is not None:
        _serve_folder(settings.version_folder, loader)
    else:
        following = _following(settings, loader, standards)
        await asyncio.to_thread(opened.enter_context, following)


def _serve_folder(folder: Path, loader: VersionLoader) -> None:
    try:
        loader.serve_folder(folder)
    except VersionRejected as error:
        raise ConfigError(f"version_folder: {error}") from error


@contextmanager
def _following(
    settings: JudgeSettings, loader: VersionLoader, standards: set[str]
) -> Generator[None]:
    """Keeps versions and standards as the topics say. Blocks until both are caught up."""
    # Kafka's client is imported where it is used: a judge of one folder does without it.
    from ratchet.stream.table import Table
    from ratchet.stream.topics import STANDARDS, ensure_topics
    from ratchet.weights.registry import Registry
    from ratchet.weights.watcher import Watcher

    ensure_topics(settings.kafka)
    registry = Registry(settings.registry)
    table = Table(
        settings.kafka, STANDARDS, "judge", lambda record: standards.add(record.value.standard_id)
    )
    watcher = Watcher(
        settings.kafka,
        registry,
        Role.ROLE_JUDGE,
        "judge",
        partial(loader.follow, registry),
        on_candidate=partial(loader.propose, registry),
    )
    try:
        table.start()
        watcher.start()
        table.wait_caught_up(CATCH_UP_SECONDS)
        watcher.wait_caught_up(CATCH_UP_SECONDS)
        yield
    finally:
        watcher.close()
        table.close()


async def _judge_rollouts(settings: JudgeSettings, learned: _Learned) -> None:
    from ratchet.judge.rollout_worker import RolloutWorker
    from ratchet.stream.processor import TransactionalProcessor
    from ratchet.stream.topics import JUDGEMENTS, ROLLOUTS

    lease = ComputeLease(settings.compute_lease)
    rollout_judge = RolloutJudge(
        learned.versions, learned.queue, learned.engine.limits, lease, learned.checker
    )
    open_processor = partial(
        TransactionalProcessor,
        settings.kafka,
        ROLLOUTS,
        JUDGEMENTS,
        service="judge",
        group="judge",
        transactional_id=settings.instance,
    )
    await RolloutWorker(rollout_judge, open_processor, settings.max_groups_per_poll).run()


async def _until(stop: asyncio.Event, tasks: Sequence[asyncio.Future[None]]) -> None:
    """Returns on `stop`; raises what ended a task that should not end."""
    stopped = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    for task in done - {stopped}:
        task.result()


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
