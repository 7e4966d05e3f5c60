"""`ratchet score`: a file of prompts and answers to the same file with scores."""

import argparse
from typing import Any

import grpc

from ratchet.client import AsyncJudgeClient, Score
from ratchet.jsonl.judging import NotJudged, exit_code, judge_file
from ratchet.jsonl.rows import Row

LATER = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
"""Errors of one answer that asking again may end."""


def command(arguments: argparse.Namespace) -> int:
    """0 where every line was handled, 1 where the judge failed, 2 where a file is wrong."""
    return exit_code("score", lambda: _score(arguments))


def _score(arguments: argparse.Namespace) -> None:
    async def judgement(judge: AsyncJudgeClient, row: Row) -> dict[str, Any]:
        prompt, completion = row.prompt_and_completion()
        found = await judge.score(
            prompt, completion, judge=arguments.judge, truncate=arguments.truncate
        )
        if found.error and found.error.code in LATER:
            raise NotJudged(f"line {row.number}: {found.error.code.name}: {found.error.message}")
        if found.error:
            return row.error(found.error.field, found.error.message)
        return _fields(found)

    found = judge_file(arguments, judgement)
    print(f"{arguments.out}: {found.lines} lines, {found.failed} of them new and without a score")


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
