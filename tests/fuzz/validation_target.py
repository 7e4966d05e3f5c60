"""What decodes and checks requests, for atheris: `python -m tests.fuzz.validation_target`.

An input is a byte that picks the message, and the message's own bytes. Takes libFuzzer's options,
such as `-runs=100000`; ends with 0 where nothing but an error that names a field was raised.
"""

import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import atheris
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

with atheris.instrument_imports(include=["ratchet"]):
    from tests.fuzz.requests import requests
    from tests.unit.judge.fakes import FakeTokenizer

    from ratchet.feedback.requests import check_submission
    from ratchet.judge.answers import check_vocabulary, share_prompts, tokenize
    from ratchet.judge.judges.base import Item
    from ratchet.judge.validation import critique_item, group_items, pair_items, score_items
    from ratchet.policy.validation import check_prompt, check_request
    from ratchet.process.errors import InvalidField
    from ratchet.process.packed import unpack_u32
    from ratchet.standard.validation import StandardError, validate_standard
    from ratchet.v1.feedback_service_pb2 import SubmitPreferenceRequest
    from ratchet.v1.judge_service_pb2 import (
        CompareRequest,
        CritiqueRequest,
        ScoreGroupRequest,
        ScoreRequest,
    )
    from ratchet.v1.policy_service_pb2 import GenerateRequest
    from ratchet.v1.prompt_pb2 import Prompt
    from ratchet.v1.standard_pb2 import Standard

from google.protobuf.message import DecodeError, Message

ITEMS, BYTES, CONTEXT, VOCABULARY = 8, 2600, 128, 60


def _tokenized(items: list[Item]) -> None:
    answers = tokenize(items, FakeTokenizer(), CONTEXT, True)
    answers = check_vocabulary(answers, VOCABULARY)
    for group in share_prompts(answers, CONTEXT):
        for i in group:
            ids = unpack_u32(answers[i].prompt + answers[i].completion)
            assert len(ids) <= CONTEXT
            assert max(ids) < VOCABULARY


CHECKS: list[tuple[type[Message], Callable[[Any], object]]] = [
    (ScoreRequest, lambda request: _tokenized(score_items(request, ITEMS, BYTES))),
    (ScoreGroupRequest, lambda request: _tokenized(group_items(request, ITEMS, BYTES))),
    (CompareRequest, lambda request: _tokenized(list(pair_items(request, BYTES)))),
    (CritiqueRequest, lambda request: critique_item(request, BYTES)),
    (GenerateRequest, lambda request: check_request(request, CONTEXT)),
    (Prompt, lambda request: check_prompt(request, CONTEXT)),
    (SubmitPreferenceRequest, check_submission),
    (Standard, validate_standard),
]
SEEDS = 2000
"""Messages that the search begins with."""


def target(data: bytes) -> None:
    """Decodes and checks; whatever else is raised ends the search."""
    kind, check = CHECKS[(data[0] if data else 0) % len(CHECKS)]
    try:
        check(kind.FromString(data[1:]))
    except (DecodeError, InvalidField, StandardError):
        return


def write_seeds(folder: Path) -> None:
    """Messages that make sense, or nearly, to be spoiled from there."""
    kinds = [st.tuples(st.just(number), requests(kind)) for number, (kind, _) in enumerate(CHECKS)]

    @settings(
        max_examples=SEEDS,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(kinds))
    def write(seed: tuple[int, Message]) -> None:
        data = bytes([seed[0]]) + seed[1].SerializeToString()
        (folder / sha256(data).hexdigest()).write_bytes(data)

    write()


if __name__ == "__main__":
    with TemporaryDirectory() as corpus:
        write_seeds(Path(corpus))
        atheris.Setup([*sys.argv, corpus], target)
        atheris.Fuzz()
