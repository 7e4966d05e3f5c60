"""Operators' commands on their way to the learner's thread."""

import asyncio
import logging
import queue
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ratchet.process.errors import Unavailable
from ratchet.v1.audit_pb2 import AuditRecord

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Caller:
    """Who asks."""

    name: str
    """a person's, or an address"""
    via: str = ""
    """the address, where a name came with the call"""


@dataclass(frozen=True)
class Command(Generic[T]):
    """What is asked of `T`, by whom, and where the answer goes."""

    caller: Caller
    action: str
    detail: str
    run: Callable[[T], Any]
    answer: "Future[Any]"

    def audit_record(self, service: str) -> AuditRecord:
        """That `service` has just obeyed it."""
        return AuditRecord(
            actor=self.caller.name,
            at=time.time(),
            action=self.action,
            detail=self.detail,
            service=service,
            via=self.caller.via,
        )


class CommandQueue(Generic[T]):
    """Asked by coroutines, obeyed one by one by the thread that owns `T`."""

    def __init__(self) -> None:
        self._commands: queue.SimpleQueue[Command[T]] = queue.SimpleQueue()
        self._closed = False

    async def ask(self, caller: Caller, action: str, detail: str, run: Callable[[T], Any]) -> Any:
        """Wait until the command is done, and return or raise what it did.

        Raises:
            Unavailable: the owner has stopped.
        """
        answer: Future[Any] = Future()
        self._commands.put(Command(caller, action, detail, run, answer))
        if self._closed:
            self._refuse_all()
        return await asyncio.wrap_future(answer)

    def obey(self, owner: T, obeyed: Callable[[Command[T]], None]) -> None:
        """Runs all that were asked; `obeyed` is told of each that succeeded, before its answer."""
        while not self._commands.empty():
            command = self._commands.get()
            if not command.answer.set_running_or_notify_cancel():
                continue
            try:
                result = command.run(owner)
                obeyed(command)
            except Exception as error:
                command.answer.set_exception(error)
            else:
                log.info(
                    "%s by %s: %s", command.action, command.caller.name, command.detail or "done"
                )
                command.answer.set_result(result)

    def close(self) -> None:
        """Refuse what is still asked, now and later."""
        self._closed = True
        self._refuse_all()

    def _refuse_all(self) -> None:
        while True:
            try:
                command = self._commands.get_nowait()
            except queue.Empty:
                return
            if command.answer.set_running_or_notify_cancel():
                command.answer.set_exception(Unavailable("the learner has stopped"))
