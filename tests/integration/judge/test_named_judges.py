"""One judge process with a judge of each kind that needs no endpoint."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tests.chaos.judge_process import judging
from tests.chaos.rollouts import tiny_trunk
from tests.unit.reward.tiny import save_tiny_reward_model
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from ratchet.v1.chat_pb2 import Message
from ratchet.v1.judge_service_pb2 import (
    CompareRequest,
    ListJudgesRequest,
    ScoreGroupRequest,
)
from ratchet.v1.judge_service_pb2_grpc import JudgeServiceStub

MESSAGES = [Message(role="user", content="My kettle leaks. What now?")]
COMPLETIONS = ["Sorry.", "I am sorry. Could you send me the order number, please?", "No"]
JUDGES = {
    "short": {
        "kind": "program",
        "checks": [{"id": "short", "check": {"kind": "max_words", "words": 3}}],
    },
    "both": {"kind": "panel", "members": [{"judge": "short"}, {"judge": "reward", "weight": 3}]},
    "all": {
        "kind": "panel",
        "combine": "minimum",
        "members": [{"judge": "serving"}, {"judge": "short"}],
    },
}


@pytest.fixture(scope="module")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_trunk(tmp_path_factory.mktemp("trunk"))


@pytest.fixture(scope="module")
def reward_model(trunk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_reward_model(tmp_path_factory.mktemp("reward"), trunk)


@pytest.fixture(scope="module")
def stub(
    trunk: Path, reward_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[JudgeServiceStub]:
    judges = {**JUDGES, "reward": {"kind": "model", "folder": str(reward_model)}}
    folder = tmp_path_factory.mktemp("judge")
    with judging(folder, trunk, judges) as service, service.until_serving() as channel:
        yield JudgeServiceStub(channel)


def scores(stub: JudgeServiceStub, judge: str) -> list[float]:
    request = ScoreGroupRequest(messages=MESSAGES, completions=COMPLETIONS, judge=judge)
    reply = stub.ScoreGroup(request, timeout=30)
    assert reply.judge == (judge or "serving")
    assert not any(item.judgement.HasField("error") for item in reply.items)
    return [item.judgement.score for item in reply.items]


def test_all_judges_are_listed_with_what_they_take(stub: JudgeServiceStub) -> None:
    found = {info.name: info for info in stub.ListJudges(ListJudgesRequest(), timeout=30).judges}
    assert {name: info.kind for name, info in found.items()} == {
        "serving": "learned",
        "short": "program",
        "reward": "model",
        "both": "panel",
        "all": "panel",
    }
    assert list(found["serving"].versions) == [1]
    assert list(found["reward"].outputs) == ["LABEL_0", "LABEL_1"]
    assert [name for name, info in found.items() if info.takes_token_ids] == ["serving", "reward"]


def test_a_reward_model_scores_conversations_as_its_chat_template_renders_them(
    stub: JudgeServiceStub, reward_model: Path
) -> None:
    model = AutoModelForSequenceClassification.from_pretrained(reward_model, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(reward_model)
    expected: list[float] = []
    for completion in COMPLETIONS:
        turns = [{"role": turn.role, "content": turn.content} for turn in MESSAGES]
        text = tokenizer.apply_chat_template(
            [*turns, {"role": "assistant", "content": completion}], tokenize=False
        )
        ids = tokenizer(text, add_special_tokens=False, return_tensors="pt").input_ids
        with torch.inference_mode():
            expected.append(model.eval()(input_ids=ids).logits[0, 0].item())
    # bfloat16 where the machine is fast in it.
    assert scores(stub, "reward") == pytest.approx(expected, rel=0.05, abs=0.05)


def test_a_panel_combines_what_the_others_say(stub: JudgeServiceStub) -> None:
    short, reward = scores(stub, "short"), scores(stub, "reward")
    assert short == [1, 0, 1]
    expected = [(a + 3 * b) / 4 for a, b in zip(short, reward, strict=True)]
    assert scores(stub, "both") == pytest.approx(expected)
    expected = [min(pair) for pair in zip(scores(stub, ""), short, strict=True)]
    assert scores(stub, "all") == pytest.approx(expected)


def test_the_loops_own_judge_answers_where_none_is_named(stub: JudgeServiceStub) -> None:
    assert scores(stub, "") == scores(stub, "serving")


def test_a_comparison_by_checks_prefers_what_meets_them(stub: JudgeServiceStub) -> None:
    request = CompareRequest(
        messages=MESSAGES, completion_a=COMPLETIONS[0], completion_b=COMPLETIONS[1], judge="short"
    )
    reply = stub.Compare(request, timeout=30)
    assert reply.a_preferred > 0.5
    assert reply.a_preferred_shown_first == reply.a_preferred_shown_second == reply.a_preferred
