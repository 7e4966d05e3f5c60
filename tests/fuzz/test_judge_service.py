"""No input makes the judge service fail: a real process, with a judge of each kind."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import grpc
import pytest
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.chaos.rollouts import tiny_trunk
from tests.chaos.service import Service
from tests.fuzz.requests import SERVICE, Sent, calls
from tests.unit.judge.judge_versions import fit, publish
from tests.unit.process.keys import write_keys
from tests.unit.reward.tiny import save_tiny_reward_model

from ratchet.local.ports import free_ports
from ratchet.process.keys_file import new_key
from ratchet.reward.trunk import Trunk
from ratchet.v1.judge_service_pb2 import ScoredItem
from ratchet.v1.weights_pb2 import Role
from ratchet.weights.registry import Registry

INPUTS = int(os.environ.get("RATCHET_FUZZ_INPUTS", "10000"))
AT_ONCE = 10
"""Calls in flight, so that they meet in the queue."""

JUDGES = {
    "checks": {
        "kind": "program",
        "checks": [
            {"id": "a", "check": {"kind": "says_one_of", "phrases": ["sorry", "\u0130", "..."]}},
            {"id": "b", "check": {"kind": "says_none_of", "phrases": ["refund"]}},
            {"id": "c", "check": {"kind": "max_words", "words": 3}},
            {"id": "d", "check": {"kind": "min_words", "words": 2}},
            {"id": "e", "check": {"kind": "finished"}},
            {"id": "f", "check": {"kind": "valid_json"}},
            {"id": "g", "check": {"kind": "names_something_of_the_prompt"}},
            {"id": "h", "check": {"kind": "not_repeating"}},
        ],
    },
    "both": {
        "kind": "panel",
        "combine": "product",
        "members": [{"judge": "checks"}, {"judge": "serving", "weight": 3}],
    },
    "least": {
        "kind": "panel",
        "combine": "minimum",
        "members": [{"judge": "reward"}, {"judge": "serving"}],
    },
    "asks": {  # of an endpoint that is not there
        "kind": "prompted",
        "base_url": "http://127.0.0.1:9/v1",
        "model": "none",
        "rubric": "Be kind.",
        "retries": 0,
    },
}
TENANTS = '[tenants.all]\n[tenants.few]\njudges = ["checks"]\nqueue_share = 0.1\n'
KEYS = {new_key(name): name for name in ("all", "few")}

Code = grpc.StatusCode
ANSWERS = {
    Code.OK,
    Code.INVALID_ARGUMENT,
    Code.NOT_FOUND,
    Code.UNAUTHENTICATED,
    Code.PERMISSION_DENIED,
    Code.RESOURCE_EXHAUSTED,
    Code.FAILED_PRECONDITION,
    Code.UNAVAILABLE,  # the endpoint of `asks`
}
NUMBERS = {code.value[0] for code in ANSWERS}


@dataclass
class Judge:
    service: Service
    channel: grpc.Channel
    answers: Counter[Code] = field(default_factory=Counter)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    folder = tmp_path_factory.mktemp("judge")
    trunk = tiny_trunk(folder / "trunk")
    reward = {"kind": "model", "folder": str(save_tiny_reward_model(folder / "reward", trunk))}
    registry, loaded = Registry(folder / "registry"), Trunk(trunk)
    publish(registry, loaded.sha256, 1, fit(loaded))
    ports = free_ports()
    options = {
        "port": ports["judge"],
        "metrics_port": ports["judge metrics"],
        "registry": folder / "registry",
        "trunk": trunk,
        "context_tokens": 128,
        "max_items": 8,
        "max_text_bytes": 2600,
        "rollouts": False,
        "version_folder": registry.folder(Role.ROLE_JUDGE, 1),
        "auth": {"keys_file": write_keys(folder / "keys.toml", KEYS, TENANTS)},
    }
    service = Service("judge", folder / "service", options)
    service.start(RATCHET_JUDGE__JUDGES=json.dumps({**JUDGES, "reward": reward}))
    try:
        with service.until_serving() as channel:
            yield Judge(service, channel)
    finally:
        service.stop()


def ask(judge: Judge, sent: Sent) -> grpc.Future:
    metadata = () if sent.authorization is None else (("authorization", sent.authorization),)
    return judge.channel.unary_unary(sent.method).future(
        sent.request, timeout=60, metadata=metadata
    )


def check(judge: Judge, sent: Sent, call: grpc.Future) -> None:
    """The status is one that a caller can act on, and so is that of every item."""
    error = call.exception()
    code = Code.OK if error is None else error.code()
    judge.answers[code] += 1
    assert code in ANSWERS, f"{sent}: {error}"
    if code is Code.RESOURCE_EXHAUSTED:
        # Not what gRPC makes of a status that is too long for metadata.
        assert "retry in" in error.details(), f"{sent}: {error}"
    if error is None:
        for item in items_in(answer_of(sent.method, call.result())):
            found = item.judgement
            assert found.error.code in NUMBERS, f"{sent}: {found.error}"
            assert found.HasField("error") or abs(found.score) < 1e6, f"{sent}: {found}"


def answer_of(method: str, data: bytes) -> Message:
    kind = SERVICE.methods_by_name[method.rpartition("/")[2]].output_type
    return GetMessageClass(kind).FromString(data)


def items_in(answer: Message) -> list[ScoredItem]:
    found = [value for field, value in answer.ListFields() if field.name in ("item_a", "item_b")]
    return [*found, *getattr(answer, "items", ())]


@pytest.mark.timeout(3600)
def test_every_input_gets_an_answer_that_its_caller_can_act_on(judge: Judge) -> None:
    @settings(
        max_examples=max(INPUTS // AT_ONCE, 1),
        # The same inputs in CI each time; others at each `make fuzz`.
        derandomize="RATCHET_FUZZ_INPUTS" not in os.environ,
        database=None,
        # A failure names the one call at fault: to shrink it takes minutes, and tells no more.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(calls(list(KEYS)), min_size=AT_ONCE, max_size=AT_ONCE))
    def send(batch: list[Sent]) -> None:
        asked = [(sent, ask(judge, sent)) for sent in batch]
        for sent, call in asked:
            check(judge, sent, call)

    send()
    print(dict(judge.answers))
    assert sum(judge.answers.values()) >= INPUTS // AT_ONCE * AT_ONCE
    # Inputs that all end at the first check would prove little.
    assert judge.answers[Code.OK] > INPUTS / 10
    assert "Traceback" not in judge.service.log.read_text()
