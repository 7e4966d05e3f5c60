"""A file's lines to the same lines with what a judge says of each, in order."""

import argparse
import asyncio
import os
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import grpc
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ratchet.client import AsyncJudgeClient, JudgeCallError, Tls
from ratchet.jsonl.rows import BadRow, Row, read_rows
from ratchet.jsonl.scored_file import ScoredFile
from ratchet.process.config import ConfigError

Ask: TypeAlias = Callable[[AsyncJudgeClient, Row], Awaitable[dict[str, Any]]]
"""What a judge says of a row, or `Row.error`; it may raise what `judge_file` handles."""

Asked: TypeAlias = "deque[tuple[Row, asyncio.Task[dict[str, Any]]]]"


class NotJudged(Exception):
    """A line that the judge cannot judge now."""


@dataclass(frozen=True)
class Judged:
    """How many lines there are, how many were asked now, and how many of these got an error."""

    lines: int
    asked: int
    failed: int


def exit_code(command: str, work: Callable[[], None]) -> int:
    """0 where the work was done, 1 where the judge failed, 2 where a file is wrong."""
    try:
        work()
    except (JudgeCallError, NotJudged) as error:
        print(f"ratchet {command}: {error}\nThe same command goes on from here.", file=sys.stderr)
        return 1
    except (ConfigError, ValueError, OSError) as error:
        print(f"ratchet {command}: {error}", file=sys.stderr)
        return 2
    return 0


def judge_file(arguments: argparse.Namespace, ask: Ask) -> Judged:
    """Asks for every line of `arguments.file` that `arguments.out` does not hold yet.

    A BadRow or ValueError of `ask`, and a call that the judge finds invalid, are errors of their
    line. Of `arguments`, what all commands on JSON lines have is used.

    Raises:
        JudgeCallError, NotJudged: the judge failed; what was done before is in the output.
        ConfigError, OSError: a file is wrong.
    """
    lines = sum(1 for _ in read_rows(arguments.file))
    return asyncio.run(_judge(arguments, ask, lines))


async def _judge(arguments: argparse.Namespace, ask: Ask, lines: int) -> Judged:
    out = ScoredFile(arguments.out, arguments.field, arguments.judge)
    out.check_length(lines)
    done = failed = 0
    waiting: Asked = deque()
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("lines"), TimeRemainingColumn())
    progress = Progress(*columns, console=Console(stderr=True))
    bar = progress.add_task("", total=lines, completed=len(out))
    async with _client(arguments) as judge:
        try:
            with progress:
                rows = _missing(arguments, out)
                while True:
                    while len(waiting) < max(arguments.in_flight, 1) and (row := next(rows, None)):
                        waiting.append((row, asyncio.create_task(_said(judge, row, ask))))
                    if not waiting:
                        return Judged(lines, done, failed)
                    row, asked = waiting[0]
                    said = await asked
                    waiting.popleft()
                    out.append(row, said)
                    done += 1
                    failed += "error" in said
                    progress.advance(bar)
        finally:
            for _, asked in waiting:
                asked.cancel()
            await asyncio.gather(*(asked for _, asked in waiting), return_exceptions=True)
            out.close()


def _missing(arguments: argparse.Namespace, out: ScoredFile) -> Iterator[Row]:
    for index, row in enumerate(read_rows(arguments.file)):
        if not out.has(index, row):
            yield row


def _client(arguments: argparse.Namespace) -> AsyncJudgeClient:
    return AsyncJudgeClient(
        arguments.target,
        api_key=os.environ.get("RATCHET_API_KEY", ""),
        tls=Tls(arguments.ca) if arguments.ca else None,
        deadline=arguments.deadline,
    )


async def _said(judge: AsyncJudgeClient, row: Row, ask: Ask) -> dict[str, Any]:
    try:
        return await ask(judge, row)
    except BadRow as error:
        return row.error(error.field, error.reason)
    except ValueError as error:  # Such as a text that has no UTF-8.
        return row.error("", str(error))
    except JudgeCallError as error:
        if error.code is not grpc.StatusCode.INVALID_ARGUMENT:
            raise
        return row.error("", error.details)
