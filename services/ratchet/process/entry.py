"""The command line of a service: settings, logging, signals, exit codes."""

import argparse
import asyncio
import importlib
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic_core import PydanticUndefined

from ratchet.process.config import ConfigError, Settings, load_settings
from ratchet.process.errors import RestartRequired
from ratchet.process.supervised import end_with_supervisor

S = TypeVar("S", bound=Settings)
Serve = Callable[[S, asyncio.Event], Awaitable[None]]

log = logging.getLogger(__name__)


def main(
    service: str,
    settings_type: type[Settings],
    target: str,
    argv: Sequence[str] | None = None,
) -> int:
    """Runs a service until SIGTERM or SIGINT, and returns its exit code.

    `target` names `async def serve(settings, stop)` as "ratchet.judge.service:serve"; it is
    imported once the settings are known to be good, so that mistakes show at once.

    Exit codes: 0 stopped as asked, 1 failed (logged), 2 wrong configuration (one line on stderr),
    75 only a new process can go on.
    """
    end_with_supervisor()
    arguments = _parser(service, settings_type).parse_args(argv)
    try:
        settings = load_settings(settings_type, service, arguments.config)
        if arguments.check:
            print(f"ratchet-{service}: the settings are good")
            return 0
        _start_logging(service, getattr(settings, "log_level", "INFO"))
        module, function = target.split(":")
        serve = getattr(importlib.import_module(module), function)
        asyncio.run(_run(serve, settings))
    except ConfigError as error:
        print(f"ratchet-{service}: {error}", file=sys.stderr)
        return 2
    except RestartRequired as error:
        log.critical("%s; exiting, to be started again", error)
        logging.shutdown()
        # A thread may be blocked in a client for ever: nothing may wait for it.
        os._exit(error.exit_code)
    except Exception:
        log.critical("failed", exc_info=True)
        return 1
    log.info("stopped")
    return 0


async def _run(serve: Serve[S], settings: S) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(settings, stop)


def _start_logging(service: str, level: str) -> None:
    logging.basicConfig(
        level=level, format=f"%(asctime)s {service} %(levelname)s %(name)s: %(message)s"
    )
    # Its INFO tells of every connection; its errors come back to us as exceptions.
    logging.getLogger("kafka").setLevel(logging.WARNING)
    # Theirs tells of every request with its URL, which may be a secret, such as a web hook's.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _parser(service: str, settings_type: type[Settings]) -> argparse.ArgumentParser:
    lines = [f"  {line}" for line in _describe(settings_type)]
    variable = f"RATCHET_{service.upper()}__KAFKA__TOPIC_PREFIX"
    parser = argparse.ArgumentParser(
        prog=f"python -m ratchet.{service}",
        description=f"Runs ratchet's {service} service.",
        epilog="\n".join(
            [f"settings (in the file, or in the environment, such as {variable}):", *lines]
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="TOML file with settings")
    parser.add_argument(
        "--check", action="store_true", help="check the settings, start nothing, and exit"
    )
    return parser


def _describe(settings_type: type[Settings], prefix: str = "") -> Iterator[str]:
    for name, field in settings_type.model_fields.items():
        annotation: Any = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, Settings):
            yield from _describe(annotation, f"{prefix}{name}.")
            continue
        default = field.get_default(call_default_factory=True, validated_data={})
        required = default is PydanticUndefined
        shown = "required" if required else f"default {str(default)!r}"
        yield f"{prefix}{name} ({shown}): {field.description or ''}"
