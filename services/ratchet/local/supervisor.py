"""Keeps the broker and the services running, and stops them in order."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ratchet.local.broker import Broker
from ratchet.local.endpoints import Endpoint, write_endpoints
from ratchet.local.health import HealthProbe
from ratchet.local.service_process import ServiceProcess
from ratchet.process.config import ConfigError, KafkaSettings
from ratchet.stream.topics import ensure_topics

TEND_SECONDS = 0.25
SERVICES_STOP_SECONDS = 18.0
"""With the broker's own, less than the 30 s that stopping may take."""
WRONG_CONFIGURATION = 2
"""Exit code of a service that cannot start as it is configured."""

MOST_FAILURES = 5
"""Deaths in a row of a service that was never ready, after which there is no use going on."""


@dataclass
class Supervised:
    """A service, where it listens, and how it fares."""

    process: ServiceProcess
    address: str
    metrics: str
    probe: HealthProbe
    after: str | None = None
    """The service that must have been ready before this one is started for the first time."""
    page: str = ""
    """URL of its page for people; empty where it has none."""
    started: bool = False
    ready: bool = False
    ever_ready: bool = False


class Supervisor:
    """Starts everything, starts again what dies, stops services first and Kafka last."""

    def __init__(
        self,
        broker: Broker,
        services: Mapping[str, Supervised],
        endpoints: Path,
        say: Callable[[str], None],
    ) -> None:
        self._broker = broker
        self._services = services
        self._endpoints = endpoints
        self._say = say
        self._started = time.monotonic()

    def run(self, stop: threading.Event) -> None:
        """Returns once `stop` is set and all have stopped.

        Raises:
            ConfigError: the broker or a service cannot start as it is configured.
        """
        try:
            self._start_broker()
            self._start_due_services()
            while not stop.wait(TEND_SECONDS):
                self._tend()
        finally:
            self._stop()

    def _start_broker(self) -> None:
        self._broker.start()
        self._say(f"kafka     ready at {self._broker.bootstrap_servers}{self._elapsed()}")
        ensure_topics(KafkaSettings(bootstrap_servers=self._broker.bootstrap_servers))

    def _start_due_services(self) -> None:
        for service in self._services.values():
            first = self._services[service.after].ever_ready if service.after else True
            if first and not service.started:
                service.process.start()
                service.started = True
                self._tell_endpoints()

    def _tend(self) -> None:
        if not self._broker.running:
            self._say("kafka     died; starting it again")
            self._broker.start()
            self._tell_endpoints()
        self._start_due_services()
        for name, service in self._services.items():
            if service.started:
                self._tend_service(name, service)

    def _tend_service(self, name: str, service: Supervised) -> None:
        pid = service.process.pid
        exit_code = service.process.tend()
        if exit_code is not None:
            self._note_death(name, service, exit_code)
        elif service.process.pid != pid:
            self._tell_endpoints()
        elif not service.ready and pid is not None and service.probe.is_serving():
            service.ready = service.ever_ready = True
            service.process.well()
            page = f", its page at {service.page}" if service.page else ""
            self._say(f"{name:<9} ready at {service.address}{page}{self._elapsed()}")
            self._tell_endpoints()

    def _note_death(self, name: str, service: Supervised, exit_code: int) -> None:
        service.ready = False
        self._tell_endpoints()
        cause = f"exit code {exit_code}" if exit_code >= 0 else f"signal {-exit_code}"
        last = service.process.last_words()
        if not service.ever_ready:
            if exit_code == WRONG_CONFIGURATION:
                raise ConfigError(last)
            if service.process.failures >= MOST_FAILURES:
                raise ConfigError(f"{name} cannot start ({cause}): see {service.process.log}")
        self._say(f"{name:<9} died ({cause}); starting it again, see {service.process.log}")

    def _stop(self) -> None:
        deadline = time.monotonic() + SERVICES_STOP_SECONDS
        for service in self._services.values():
            service.process.ask_to_stop()
        for service in self._services.values():
            service.process.stop(deadline)
            service.probe.close()
        self._broker.stop()
        self._endpoints.unlink(missing_ok=True)

    def _tell_endpoints(self) -> None:
        kafka = Endpoint(self._broker.bootstrap_servers, "", self._broker.pid, self._broker.running)
        write_endpoints(
            self._endpoints,
            {
                "kafka": kafka,
                **{
                    name: Endpoint(s.address, s.metrics, s.process.pid, s.ready, s.page)
                    for name, s in self._services.items()
                },
            },
        )

    def _elapsed(self) -> str:
        return f" ({time.monotonic() - self._started:.0f} s)"
