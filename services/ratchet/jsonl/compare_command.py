"""`ratchet compare`: a file of preferences to the same file with a judge's comparisons."""

import argparse
from typing import Any

import grpc

from ratchet.client import AsyncJudgeClient, Comparison, JudgeCallError
from ratchet.jsonl.judging import Ask, exit_code, judge_file
from ratchet.jsonl.preference import Preference
from ratchet.jsonl.rows import Row

OF_AN_ANSWER = (
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.INTERNAL,
)
"""A comparison has no errors of single answers: these fail its call, and no other line's."""

_FIELDS = {"completion_a": "chosen", "completion_b": "rejected", "messages": "prompt"}


def command(arguments: argparse.Namespace) -> int:
    """0 where every line was handled, 1 where the judge failed, 2 where a file is wrong."""
    return exit_code("compare", lambda: _compare(arguments))


def comparing(arguments: argparse.Namespace) -> Ask:
    """Asks for comparisons of the chosen answer, A, and the rejected one, B."""

    async def comparison(judge: AsyncJudgeClient, row: Row) -> dict[str, Any]:
        pair = Preference.of(row)
        try:
            found = await judge.compare(
                pair.prompt,
                pair.chosen,
                pair.rejected,
                judge=arguments.judge,
                truncate=arguments.truncate,
            )
        except JudgeCallError as error:
            if error.code not in OF_AN_ANSWER:
                raise
            return _error(row, error.details)
        return _fields(found)

    return comparison


def _compare(arguments: argparse.Namespace) -> None:
    found = judge_file(arguments, comparing(arguments))
    print(f"{arguments.out}: {found.lines} lines, {found.failed} new and without a comparison")


def _error(row: Row, details: str) -> dict[str, Any]:
    """The error under the name that the field at fault has in the file."""
    path, _, message = details.partition(": ")
    field = _FIELDS.get(path.partition("[")[0], "")
    return row.error(field, message if path in _FIELDS else details)


def _fields(found: Comparison) -> dict[str, Any]:
    a, b = found.score_a, found.score_b
    return {
        "a_preferred": found.a_preferred,
        "a_preferred_shown_first": found.a_preferred_shown_first,
        "a_preferred_shown_second": found.a_preferred_shown_second,
        "score_a": a.score,
        "score_b": b.score,
        "spread_a": a.spread,
        "spread_b": b.spread,
        "truncated": a.truncated or b.truncated,
        "judge": a.judge,
        "judge_version": a.judge_version,
        "standard_id": a.standard_id,
        "standard_version": a.standard_version,
    }
