"""The policy service: follows the pointer, answers prompts, answers calls."""

import asyncio
import logging
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from ratchet.policy import metrics
from ratchet.policy.config import PolicySettings
from ratchet.policy.engine_died import EngineDied
from ratchet.policy.first_to_end import first_to_end
from ratchet.policy.grpc_servicer import PolicyServicer
from ratchet.policy.pointer_inbox import PointerInbox
from ratchet.policy.prompt_queue import WaitingPrompt
from ratchet.policy.prompt_reader import PromptReader
from ratchet.policy.sampler import Sampler
from ratchet.policy.validation import check_prompt, render_prompt
from ratchet.process.errors import InvalidField
from ratchet.process.grpc_server import GrpcServer
from ratchet.process.metrics_exporter import start_exporter
from ratchet.stream.producer import Producer
from ratchet.stream.record import Record
from ratchet.stream.topics import PROMPTS, ROLLOUTS, URGENT_PROMPTS, Topic, ensure_topics
from ratchet.v1.policy_service_pb2_grpc import add_PolicyServiceServicer_to_server
from ratchet.v1.prompt_pb2 import Prompt, Purpose
from ratchet.v1.rollout_pb2 import RolloutGroup
from ratchet.v1.weights_pb2 import Role
from ratchet.weights.registry import Registry
from ratchet.weights.verify import VersionRejected, verify
from ratchet.weights.watcher import Watcher

if TYPE_CHECKING:
    from ratchet.policy.model import PolicyModel

_ENGINE_WATCH_SECONDS = 0.5

log = logging.getLogger(__name__)


async def serve(settings: PolicySettings, stop: asyncio.Event) -> None:
    """Serves until `stop` is set.

    Raises:
        ConfigError: A port is taken.
        EngineDied: vLLM is gone; a new process must take over.
    """
    start_exporter(settings.metrics_host, settings.metrics_port)
    servicer = PolicyServicer(settings)
    server = GrpcServer.of(settings, "ratchet.v1.PolicyService")
    add_PolicyServiceServicer_to_server(servicer, server.server)
    await server.start()
    try:
        await first_to_end(_stopped(stop, server), _run(settings, server, servicer))
    finally:
        await server.drain(0)


async def _stopped(stop: asyncio.Event, server: GrpcServer) -> None:
    await stop.wait()
    # Said first: nobody is sent here any more while the rest is closed.
    server.set_serving(False)


async def _run(settings: PolicySettings, server: GrpcServer, servicer: PolicyServicer) -> None:
    registry = Registry(settings.registry)
    inbox = PointerInbox()
    watcher = Watcher(settings.kafka, registry, Role.ROLE_POLICY, "policy", inbox.put)
    watcher.start()
    try:
        # vLLM takes seconds to import: no setting that is wrong, and no first version to come,
        # should have to wait for that.
        loading = asyncio.create_task(asyncio.to_thread(import_module, "ratchet.policy.model"))
        model = await _start_model(settings, registry, inbox, loading)
        try:
            servicer.model = model
            server.set_serving(True)
            log.info("serving version %d", model.version)
            await _work(settings, registry, inbox, model)
        finally:
            # Calls in flight may end; bulk work has been cancelled and stays uncommitted.
            await server.drain(settings.drain_seconds if model.alive else 0)
            model.close()
    finally:
        watcher.close()


async def _start_model(
    settings: PolicySettings,
    registry: Registry,
    inbox: PointerInbox,
    loading: "asyncio.Task[ModuleType]",
) -> "PolicyModel":
    """Loads the first version that is announced and sound."""
    while True:
        _, manifest = await inbox.take()
        folder = registry.folder(Role.ROLE_POLICY, manifest.version)
        try:
            await asyncio.to_thread(verify, folder, manifest)
        except VersionRejected as error:
            _reject(manifest.version, error)
            continue
        await loading
        from ratchet.policy.model import PolicyModel

        model = await PolicyModel.start(folder, manifest.version, settings)
        metrics.SERVED_VERSION.set(model.version)
        return model


async def _work(
    settings: PolicySettings, registry: Registry, inbox: PointerInbox, model: "PolicyModel"
) -> None:
    """Samples and swaps until cancelled, or until something fails."""
    loop = asyncio.get_running_loop()
    reader_failure: asyncio.Future[None] = loop.create_future()
    # A cluster that an earlier ratchet made may lack one.
    await asyncio.to_thread(ensure_topics, settings.kafka)
    producer = await asyncio.to_thread(Producer, settings.kafka, "policy")

    def admit(record: Record[Prompt]) -> WaitingPrompt:
        prompt, context = record.value, settings.max_model_len
        check_prompt(prompt, context)
        urgent = record.topic == URGENT_PROMPTS.name
        if urgent and prompt.purpose == Purpose.PURPOSE_TRAIN:
            raise InvalidField("purpose", "training prompts belong in the topic `prompts`")
        ids = render_prompt(prompt.messages, model.prompt_ids, settings.max_tokens, context)
        return WaitingPrompt(record.partition, record.offset, prompt, ids, urgent)

    def send(group: RolloutGroup) -> None:
        producer.send(ROLLOUTS, group.group_id, group).wait()

    def reader_of(topic: Topic[Prompt], group: str) -> PromptReader:
        return PromptReader(
            settings.kafka,
            topic,
            group,
            settings.prompts_ahead,
            admit,
            on_prompt=lambda prompt: loop.call_soon_threadsafe(sampler.add, prompt),
            on_failure=lambda error: loop.call_soon_threadsafe(failed, error),
        )

    def failed(error: Exception) -> None:
        if not reader_failure.done():
            reader_failure.set_exception(error)

    ordinary, urgent = reader_of(PROMPTS, "policy"), reader_of(URGENT_PROMPTS, "policy-urgent")
    sampler = Sampler(
        settings,
        model,
        send,
        lambda prompt: (urgent if prompt.urgent else ordinary).finish(prompt),
    )
    ordinary.start()
    urgent.start()
    try:
        await first_to_end(
            sampler.run(),
            _follow_pointer(registry, inbox, model, sampler),
            _watch_engine(model),
            reader_failure,
        )
    finally:
        await asyncio.gather(
            asyncio.to_thread(ordinary.close),
            asyncio.to_thread(urgent.close),
            asyncio.to_thread(producer.close),
        )


async def _follow_pointer(
    registry: Registry, inbox: PointerInbox, model: "PolicyModel", sampler: Sampler
) -> None:
    while True:
        _, manifest = await inbox.take()
        if manifest.version == model.version:
            continue
        folder = registry.folder(Role.ROLE_POLICY, manifest.version)
        try:
            await asyncio.to_thread(verify, folder, manifest, model.folder)
        except VersionRejected as error:
            _reject(manifest.version, error)
            continue
        paused_seconds = await model.swap(folder, manifest.version)
        metrics.SWAPS.labels("swapped").inc()
        metrics.SWAP_PAUSE_SECONDS.observe(paused_seconds)
        metrics.SERVED_VERSION.set(model.version)
        log.info("serving version %d, paused for %.2f s", model.version, paused_seconds)
        sampler.new_version()


async def _watch_engine(model: "PolicyModel") -> None:
    while model.alive:
        await asyncio.sleep(_ENGINE_WATCH_SECONDS)
    raise EngineDied("the engine's process has died")


def _reject(version: int, error: VersionRejected) -> None:
    metrics.SWAPS.labels("rejected").inc()
    log.error("version %d is rejected: %s", version, error)
