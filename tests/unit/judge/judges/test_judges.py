"""Judges without a local model; the OpenAI endpoint is simulated by a small HTTP server."""

import asyncio
import json
import math
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ratchet.judge.config import JudgeSettings
from ratchet.judge.judges.base import Ask, Item, ItemFailed
from ratchet.judge.judges.panel import PanelJudge
from ratchet.judge.judges.program import ProgramJudge
from ratchet.judge.judges.prompted import PromptedJudge
from ratchet.judge.judges.settings import PanelSettings, ProgramSettings, PromptedSettings
from ratchet.process.config import ConfigError, load_settings
from ratchet.process.errors import InvalidField
from ratchet.v1.chat_pb2 import Message

NEEDED = {"RATCHET_JUDGE__TRUNK": "trunk", "RATCHET_JUDGE__REGISTRY": "registry"}


def item(completion: str, ids: bytes = b"") -> Item:
    messages = [Message(role="user", content="My kettle leaks.")]
    return Item(messages, completion, "messages", "completion", completion_token_ids=ids)


def program(*phrases: str) -> ProgramSettings:
    checks = [
        {"id": f"c{i}", "weight": i + 1, "check": {"kind": "says_one_of", "phrases": [phrase]}}
        for i, phrase in enumerate(phrases)
    ]
    return ProgramSettings.model_validate({"kind": "program", "checks": checks})


class SimulatedOpenAI(BaseHTTPRequestHandler):
    refusals = 0

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = body["messages"][1]["content"]
        status = 200
        if type(self).refusals:
            type(self).refusals -= 1
            status = 503
        tokens = {"1": 0.25, "5": 0.75}
        if "Reply with A or B" in body["messages"][0]["content"]:
            tokens = {"A": 0.9, "B": 0.1}
        if "MUMBLE" in text:
            tokens = {"well": 1.0}
        top = [{"token": t, "logprob": math.log(p)} for t, p in tokens.items()]
        content = json.dumps(
            {"text": "Rude.", "verdicts": [{"criterion_id": "c", "broken": True, "reason": "r"}]}
        )
        choice = {
            "message": {"content": content[: body["max_tokens"]]},  # A token a character.
            "logprobs": {"content": [{"top_logprobs": top}]},
        }
        data = json.dumps({"choices": [choice]}).encode()
        self.send_response(status)
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def prompted() -> Iterator[PromptedSettings]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), SimulatedOpenAI)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    SimulatedOpenAI.refusals = 0
    yield PromptedSettings.model_validate(
        {
            "kind": "prompted",
            "base_url": f"http://127.0.0.1:{server.server_port}/v1",
            "model": "m",
            "rubric": "Be kind.",
            "criteria": [{"id": "c", "sentence": "Is kind."}],
        }
    )
    server.shutdown()
    server.server_close()


async def test_a_program_scores_the_share_of_weight_met() -> None:
    found = await ProgramJudge("p", program("sorry", "kettle")).score([item("The kettle!")], Ask())
    judgement = found.items[0].judgement
    assert judgement.score == pytest.approx(2 / 3)
    assert [c.broken for c in judgement.criteria] == [1.0, 0.0]
    with pytest.raises(InvalidField, match="completion"):
        await ProgramJudge("p", program("x")).score([item("", b"1234")], Ask())


async def test_a_check_that_cannot_tell_is_an_error_of_its_item_alone() -> None:
    checks = [{"id": "third", "check": {"kind": "expression", "expression": "answer[2] == 'c'"}}]
    settings = ProgramSettings.model_validate({"kind": "program", "checks": checks})
    found = await ProgramJudge("p", settings).score([item("abc"), item("a"), item("abd")], Ask())
    fine, failed, broken = (scored.judgement for scored in found.items)
    assert (fine.score, broken.score) == (1, 0)
    assert failed.error.field == "completion"
    assert failed.error.message.startswith("check third: answer[2] == 'c': string index")
    assert not failed.criteria


async def test_a_program_judge_takes_its_checks_from_a_standard(tmp_path: Path) -> None:
    settings = ProgramSettings.model_validate({"kind": "program", "standard": "customer-support"})
    found = await ProgramJudge("p", settings).score([item("Sorry that the kettle leaks.")], Ask())
    assert found.items[0].judgement.score == 1
    assert "names_the_matter" in [c.criterion_id for c in found.items[0].judgement.criteria]
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('standard_id = "a"\ncriteria = []')
    for standard, told in ((str(wrong), "criteria: a standard needs"), ("nowhere", "no such file")):
        settings = ProgramSettings(kind="program", standard=standard)
        with pytest.raises(ConfigError, match=f"judges.p: .*{told}"):
            ProgramJudge("p", settings)


async def test_programs_take_no_thread_from_other_judges() -> None:
    cases = [{"call": "one()", "gives": "1"}]
    check = {"kind": "python_cases", "cases": cases}
    settings = ProgramSettings.model_validate(
        {"kind": "program", "checks": [{"id": "a", "check": check}]}
    )
    judge = ProgramJudge("p", settings)
    others = ThreadPoolExecutor(1)
    asyncio.get_running_loop().set_default_executor(others)
    free = threading.Event()
    busy = others.submit(free.wait)
    answers = [f"one = lambda: {number}" for number in range(5)]
    found = await judge.score([item(answer) for answer in answers], Ask())
    assert [scored.judgement.score for scored in found.items] == [0, 1, 0, 0, 0]
    with pytest.raises(TimeoutError):
        await judge.score([item("")], Ask(deadline=0))
    assert not busy.done()
    free.set()
    judge.close()


async def test_a_program_judge_keeps_to_the_deadline() -> None:
    with pytest.raises(TimeoutError):
        await ProgramJudge("p", program("x")).score([item("")], Ask(deadline=0))


async def test_a_panel_is_an_error_only_where_a_member_is(prompted: PromptedSettings) -> None:
    judges = {"p": ProgramJudge("p", program("kettle")), "m": PromptedJudge("m", prompted)}
    settings = PanelSettings.model_validate(
        {"kind": "panel", "members": [{"judge": "p", "weight": 3}, {"judge": "m"}]}
    )
    panel = PanelJudge("panel", settings, judges)
    fine, failed = (await panel.score([item("kettle"), item("MUMBLE")], Ask())).items
    assert list(fine.judgement.outputs) == pytest.approx([1, 0.75])
    assert fine.judgement.score == pytest.approx(0.9375)
    assert fine.judgement.spread == pytest.approx(0.25 * math.sqrt(3 / 16))
    assert "judge m" in failed.judgement.error.message


async def test_a_prompted_judge_reads_probabilities(prompted: PromptedSettings) -> None:
    judge = PromptedJudge("m", prompted)
    SimulatedOpenAI.refusals = 1
    [scored] = (await judge.score([item("Hello.")], Ask())).items
    assert scored.judgement.score == pytest.approx(0.75)
    assert scored.judgement.spread == pytest.approx(math.sqrt(0.1875))
    compared = await judge.compare(item("a"), item("b"), Ask())
    # This endpoint always prefers what is shown first.
    assert (compared.shown_first, compared.shown_second) == pytest.approx((0.9, 0.1))
    critique = await judge.critique(item("a"), Ask())
    assert [(v.criterion_id, v.broken) for v in critique.verdicts] == [("c", True)]


async def test_a_critique_is_no_longer_than_it_may_be(prompted: PromptedSettings) -> None:
    judge = PromptedJudge("m", prompted.model_copy(update={"critique_tokens": 20}))
    with pytest.raises(ItemFailed, match="not of the schema"):
        await judge.critique(item("a"), Ask())


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"serving": {"kind": "model", "folder": "x"}}, "judges.*reserved"),
        ({"a": {"kind": "model"}}, "judges.a.*folder"),
        ({"a": {"kind": "program"}}, "judges.a.*either checks or a standard"),
        (
            {
                "a": {
                    "kind": "program",
                    "checks": [{"id": "b", "check": {"kind": "regex", "pattern": "("}}],
                }
            },
            "checks.0.check.regex.pattern: is no pattern of RE2",
        ),
        ({"a": {"kind": "panel", "members": [{"judge": "b"}]}}, "no judge b"),
        ({"a": {"kind": "panel", "members": [{"judge": "a"}]}}, "circle"),
    ],
)
def test_a_wrong_table_of_judges_is_told(table: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        load_settings(
            JudgeSettings, "judge", None, {**NEEDED, "RATCHET_JUDGE__JUDGES": json.dumps(table)}
        )
