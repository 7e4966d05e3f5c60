"""How long calls are: a trace, one JSON line a call, gone through again and again.

    {"prompt_tokens": 96, "completion_tokens": [41, 66]}

is a prompt with two completions. `python -m load_tests trace` writes a made-up one.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

EXAMPLE = Path(__file__).parent / "traces" / "example.jsonl"
LONGEST = 1_000_000


@dataclass(frozen=True)
class Lengths:
    """One call, in tokens."""

    prompt: int
    completions: tuple[int, ...]


def read_trace(path: Path) -> list[Lengths]:
    """All lines that are not blank.

    Raises:
        OSError: the file cannot be read.
        ValueError: a line is not as it must be, or there is none; the message names line and field.
    """
    found: list[Lengths] = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    found.append(_lengths(line))
                except ValueError as error:
                    raise ValueError(f"{path}:{number}: {error}") from None
    if not found:
        raise ValueError(f"{path}: there is no line in it")
    return found


def made_up(calls: int, seed: int) -> Iterator[str]:
    """Lines of one completion each: log-normal lengths, a few times longer than their median."""
    random = np.random.default_rng(seed)
    prompts = np.clip(random.lognormal(np.log(96), 0.5, calls), 16, 384).astype(int)
    completions = np.clip(random.lognormal(np.log(48), 0.5, calls), 4, 128).astype(int)
    for prompt, completion in zip(prompts.tolist(), completions.tolist(), strict=True):
        yield json.dumps({"prompt_tokens": prompt, "completion_tokens": [completion]})


def _lengths(line: str) -> Lengths:
    try:
        fields: Any = json.loads(line)
    except ValueError as error:
        raise ValueError(f"is no JSON: {error}") from None
    if not isinstance(fields, dict):
        raise ValueError("is no JSON object")
    row = cast("dict[str, Any]", fields)
    if unknown := row.keys() - {"prompt_tokens", "completion_tokens"}:
        raise ValueError(f"{min(unknown)}: there is no such field")
    completions = row.get("completion_tokens")
    if not isinstance(completions, list) or not completions:
        raise ValueError("completion_tokens: is no list of lengths")
    each = [_tokens("completion_tokens", value) for value in cast("list[Any]", completions)]
    return Lengths(_tokens("prompt_tokens", row.get("prompt_tokens")), tuple(each))


def _tokens(field: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LONGEST:
        raise ValueError(f"{field}: {value!r} is no number of tokens")
    return value
