"""No input makes the judge service fail: a real process, with a judge of each kind."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import grpc
import pytest
from google.protobuf.message import Message
from tests.chaos.rollouts import tiny_trunk
from tests.chaos.service import Service
from tests.fuzz.campaign import ANSWERS, campaign
from tests.fuzz.requests import Sent
from tests.unit.judge.judge_versions import fit, publish
from tests.unit.process.keys import write_keys
from tests.unit.reward.tiny import save_tiny_reward_model

from ratchet.local.ports import free_ports
from ratchet.process.keys_file import new_key
from ratchet.reward.trunk import Trunk
from ratchet.v1 import judge_service_pb2
from ratchet.v1.weights_pb2 import Role
from ratchet.weights.registry import Registry

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

SERVICE = judge_service_pb2.DESCRIPTOR.services_by_name["JudgeService"]
CODES = {code.value[0] for code in ANSWERS}


@dataclass
class Judge:
    service: Service
    channel: grpc.Channel


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


def check_items(sent: Sent, answer: Message) -> None:
    """An item has a score, or an error that the caller can act on."""
    compared = [value for field, value in answer.ListFields() if field.name in ("item_a", "item_b")]
    for item in [*compared, *getattr(answer, "items", ())]:
        found = item.judgement
        assert found.error.code in CODES, f"{sent}: {found.error}"
        assert found.HasField("error") or abs(found.score) < 1e6, f"{sent}: {found}"


@pytest.mark.timeout(3600)
def test_every_input_gets_an_answer_that_its_caller_can_act_on(judge: Judge) -> None:
    campaign(judge.channel, SERVICE, list(KEYS), check=check_items)
    assert "Traceback" not in judge.service.log.read_text()
