"""`ratchet score`: a file of prompts and answers to the same file with scores."""

import argparse
import asyncio
import os
import sys
from collections import deque
from collections.abc import Iterator
from typing import Any

import grpc
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ratchet.client import AsyncJudgeClient, JudgeCallError, Score, Tls
from ratchet.jsonl.rows import BadRow, Row, read_rows
from ratchet.jsonl.scored_file import ScoredFile
from ratchet.process.config import ConfigError

LATER = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
"""Errors of one answer that asking again may end."""


class NotJudged(Exception):
    """An answer that the judge cannot score now."""


def command(arguments: argparse.Namespace) -> int:
    """0 where every line was handled, 1 where the judge failed, 2 where a file is wrong."""
    try:
        total = sum(1 for _ in read_rows(arguments.file))
        failed = asyncio.run(_score(arguments, total))
    except (JudgeCallError, NotJudged) as error:
        print(f"ratchet score: {error}\nThe same command goes on from here.", file=sys.stderr)
        return 1
    except (ConfigError, ValueError, OSError) as error:
        print(f"ratchet score: {error}", file=sys.stderr)
        return 2
    print(f"{arguments.out}: {total} lines, {failed} of them new and without a score")
    return 0


def _client(arguments: argparse.Namespace) -> AsyncJudgeClient:
    return AsyncJudgeClient(
        arguments.target,
        api_key=os.environ.get("RATCHET_API_KEY", ""),
        tls=Tls(arguments.ca) if arguments.ca else None,
        deadline=arguments.deadline,
    )


async def _score(arguments: argparse.Namespace, total: int) -> int:
    """Scores what is missing and returns how many lines got an error instead."""
    out = ScoredFile(arguments.out, arguments.field)
    if len(out) > total:
        raise ConfigError(f"{arguments.out}: has {len(out)} lines, the input {total}")
    failed = 0
    waiting: deque[tuple[Row, asyncio.Task[dict[str, Any]]]] = deque()
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("lines"), TimeRemainingColumn())
    progress = Progress(*columns, console=Console(stderr=True))
    bar = progress.add_task("", total=total, completed=min(len(out), total))
    async with _client(arguments) as judge:
        try:
            with progress:
                rows = _missing(arguments, out)
                while True:
                    while len(waiting) < max(arguments.in_flight, 1) and (row := next(rows, None)):
                        asked = asyncio.create_task(_judgement(judge, row, arguments))
                        waiting.append((row, asked))
                    if not waiting:
                        return failed
                    row, asked = waiting[0]
                    judgement = await asked
                    waiting.popleft()
                    out.append(row, judgement)
                    failed += "error" in judgement
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


async def _judgement(
    judge: AsyncJudgeClient, row: Row, arguments: argparse.Namespace
) -> dict[str, Any]:
    """What the judge says of a row, or the error of a row that makes no sense to it."""
    try:
        prompt, completion = row.prompt_and_completion()
        found = await judge.score(
            prompt, completion, judge=arguments.judge, truncate=arguments.truncate
        )
    except BadRow as error:
        return _error(row, error.field, str(error))
    except ValueError as error:  # Such as a text that has no UTF-8.
        return _error(row, "", str(error))
    except JudgeCallError as error:
        if error.code is not grpc.StatusCode.INVALID_ARGUMENT:
            raise
        return _error(row, "", error.details)
    if found.error and found.error.code in LATER:
        raise NotJudged(f"line {row.number}: {found.error.code.name}: {found.error.message}")
    if found.error:
        return _error(row, found.error.field, found.error.message)
    return _fields(found)


def _fields(found: Score) -> dict[str, Any]:
    return {
        "score": found.score,
        "spread": found.spread,
        "broken": {each.criterion_id: each.broken for each in found.criteria},
        "outputs": list(found.outputs),
        "truncated": found.truncated,
        "judge": found.judge,
        "judge_version": found.judge_version,
        "standard_id": found.standard_id,
        "standard_version": found.standard_version,
    }


def _error(row: Row, field: str, message: str) -> dict[str, Any]:
    return {"error": {"line": row.number, "field": field, "message": message}}
