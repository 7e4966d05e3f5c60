"""The learner as a service: gRPC in the event loop, learning in a thread beside it."""

import asyncio
import logging
import threading

from ratchet.learner.commands import CommandQueue
from ratchet.learner.config import LearnerSettings
from ratchet.learner.grpc_servicer import WeightsServicer
from ratchet.learner.loop import Learner
from ratchet.learner.progress import Progress
from ratchet.process.grpc_server import GrpcServer
from ratchet.process.metrics_exporter import start_exporter
from ratchet.v1.weights_pb2_grpc import add_WeightsServiceServicer_to_server
from ratchet.weights.registry import Registry

SERVICE_NAME = "ratchet.v1.WeightsService"
DRAIN_SECONDS = 5
LAST_STEP_SECONDS = 12

log = logging.getLogger(__name__)


async def serve(settings: LearnerSettings, stop: asyncio.Event) -> None:
    """Learn, and serve `WeightsService`, until `stop` is set.

    Raises:
        ConfigError: a port is taken, or a setting turns out to be wrong.
        Exception: whatever ended the learner's thread.
    """
    commands: CommandQueue[Learner] = CommandQueue()
    progress = Progress()
    server = GrpcServer.of(settings, SERVICE_NAME)
    servicer = WeightsServicer(commands, progress, Registry(settings.registry))
    add_WeightsServiceServicer_to_server(servicer, server.server)
    start_exporter(settings.metrics_host, settings.metrics_port)
    port = await server.start()
    thread = LearnerThread(settings, commands, progress)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait(
            {stopping, thread.ready, thread.ended}, return_when=asyncio.FIRST_COMPLETED
        )
        if thread.ready.done() and not thread.ended.done():
            server.set_serving(True)
            log.info("ready on %s:%d", settings.host, port)
        await asyncio.wait({stopping, thread.ended}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        await server.drain(DRAIN_SECONDS)
        await thread.stop(LAST_STEP_SECONDS)


class LearnerThread:
    """Runs the learner in a thread; `ready` and `ended` are done when it is."""

    def __init__(
        self, settings: LearnerSettings, commands: CommandQueue[Learner], progress: Progress
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = threading.Event()
        self._commands = commands
        self.ready: asyncio.Future[None] = self._loop.create_future()
        self.ended: asyncio.Future[BaseException | None] = self._loop.create_future()
        # A daemon: a step that outlasts the drain is given up, as in a crash, and loses nothing.
        threading.Thread(
            target=self._run, args=(settings, progress), name="learner", daemon=True
        ).start()

    async def stop(self, timeout_seconds: float) -> None:
        """Ask the thread to end after the step that it is in; raise what ended it before."""
        self._stop.set()
        done, _ = await asyncio.wait({self.ended}, timeout=timeout_seconds)
        if not done:
            log.warning("the step in progress is given up; the next start does it again")
        elif (error := self.ended.result()) is not None:
            raise error

    def _run(self, settings: LearnerSettings, progress: Progress) -> None:
        error = None
        try:
            learner = Learner(settings, self._commands, progress)
            try:
                learner.start()
                self._loop.call_soon_threadsafe(self.ready.set_result, None)
                learner.run(self._stop)
            finally:
                learner.close()
        except Exception as fault:
            error = fault
        finally:
            self._commands.close()
            self._loop.call_soon_threadsafe(self.ended.set_result, error)
