"""`ratchet up`: the whole system on one machine, until a signal."""

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

from ratchet.feedback.config import FeedbackSettings
from ratchet.local.broker import Broker
from ratchet.local.cache import default_kafka_libs, default_model
from ratchet.local.health import HealthProbe
from ratchet.local.model_setup import ensure_model
from ratchet.local.overrides import load_overrides, merged, save_overrides
from ratchet.local.ports import HOST, default_ports, free_ports
from ratchet.local.service_process import ServiceProcess
from ratchet.local.services import SERVICES, write_settings
from ratchet.local.state import StateDirectory
from ratchet.local.supervisor import Supervised, Supervisor
from ratchet.process.config import ConfigError, ServiceSettings


def command(args: argparse.Namespace) -> int:
    """Runs until SIGINT or SIGTERM; 2 where the machine or a setting is not as it must be."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    try:
        state = StateDirectory(args.state)
        with state.locked():
            _run(args, state, stop)
    except ConfigError as error:
        print(f"ratchet: {error}", file=sys.stderr)
        return 2
    return 0


def _run(args: argparse.Namespace, state: StateDirectory, stop: threading.Event) -> None:
    state.create()
    overrides = merged(load_overrides(state.overrides), args.overrides, list(SERVICES))
    ports = free_ports() if args.ports == "auto" else default_ports()
    settings = write_settings(state, _model(args.model), ports, overrides)
    save_overrides(state.overrides, overrides)
    broker = Broker(
        args.kafka_libs or default_kafka_libs(),
        state.kafka,
        ports["kafka"],
        ports["kafka controller"],
        state.logs / "kafka.log",
    )
    services = {name: _supervised(name, state, settings[name]) for name in SERVICES}
    Supervisor(broker, services, state.endpoints, _say).run(stop)
    _say("stopped; start again to go on from here")


def _model(folder: Path | None) -> Path:
    if folder is None:
        folder = default_model()
        ensure_model(folder)
    if not (folder / "config.json").exists():
        raise ConfigError(f"{folder}: no model in Hugging Face layout is there")
    return folder.resolve()


def _supervised(name: str, state: StateDirectory, settings: ServiceSettings) -> Supervised:
    config = state.config / f"{name}.toml"
    process = ServiceProcess(
        name,
        [sys.executable, "-m", f"ratchet.{name}", "--config", str(config)],
        SERVICES[name].environment(),
        state.logs / f"{name}.log",
    )
    # Of the settings: --set may have changed them.
    address, metrics = f"{HOST}:{settings.port}", f"{HOST}:{settings.metrics_port}"
    has_page = isinstance(settings, FeedbackSettings)
    page = f"http://{HOST}:{settings.page_port}/" if has_page else ""
    return Supervised(
        process, address, metrics, HealthProbe(address), SERVICES[name].after, page=page
    )


def _say(line: str) -> None:
    print(line, flush=True)
