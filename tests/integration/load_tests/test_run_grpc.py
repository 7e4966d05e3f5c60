"""The load test against real gRPC servers, from processes of its own."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from load_tests.__main__ import main
from load_tests.content import Content
from load_tests.result import RunResult, StepResult, read_result
from load_tests.run import Generator, run
from load_tests.schedule import steps
from load_tests.target import NotReady
from load_tests.target_grpc import GrpcSettings
from load_tests.trace import Lengths

from ratchet.client.connection import Connection
from ratchet.client.retries import Retries
from ratchet.local.ports import free_ports
from ratchet.process.packed import unpack_u32
from ratchet.v1.judge_service_pb2 import (
    ScoredItem,
    ScoreGroupRequest,
    ScoreGroupResponse,
    ScoreRequest,
    ScoreResponse,
)
from ratchet.v1.judge_service_pb2_grpc import (
    JudgeServiceServicer,
    add_JudgeServiceServicer_to_server,
)
from ratchet.v1.judgement_pb2 import ItemError, Judgement

ROOT = Path(__file__).parents[3]
CONTENT = Content([Lengths(5, (3, 4))], seed=0, low=100, high=200)
LONG = 30.0


class PickyJudge(JudgeServiceServicer):
    """Refuses every third call, and has an error in the answer of every fourth of a group."""

    def __init__(self) -> None:
        self.requests: list[ScoreRequest] = []
        self.groups: list[ScoreGroupRequest] = []

    async def Score(
        self, request: ScoreRequest, context: grpc.aio.ServicerContext
    ) -> ScoreResponse:
        self.requests.append(request)
        if len(self.requests) % 3 == 0:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "full")
        return ScoreResponse(judge_version=1)

    async def ScoreGroup(
        self, request: ScoreGroupRequest, context: grpc.aio.ServicerContext
    ) -> ScoreGroupResponse:
        self.groups.append(request)
        error = ItemError(code=3, message="too long") if len(self.groups) % 4 == 0 else None
        return ScoreGroupResponse(items=[ScoredItem(judgement=Judgement(error=error))])


def offer(settings: GrpcSettings, processes: int) -> list[StepResult]:
    with Generator(settings, processes, slo=LONG) as generator:
        [warm_up, *phases] = steps([10, 30, 60], 0.5)
        return list(run(generator, phases, LONG, None, warm_up))


async def load(servicer: PickyJudge, processes: int, **settings: object) -> list[StepResult]:
    server = grpc.aio.server()
    add_JudgeServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        connection = Connection(f"127.0.0.1:{port}", "key", None, LONG, Retries(attempts=1))
        target = GrpcSettings(connection, CONTENT, **settings)  # pyright: ignore[reportArgumentType]
        return await asyncio.to_thread(offer, target, processes)
    finally:
        await server.stop(None)


async def test_two_processes_send_every_call_once_and_tell_codes_apart() -> None:
    judge = PickyJudge()
    found = await load(judge, 2, judge="short")
    # 5 calls to warm up, which are not reported; a refused call is not sent again.
    assert [step.calls for step in found] == [15, 30]
    assert [step.codes for step in found] == [
        {"OK": 10, "RESOURCE_EXHAUSTED": 5},
        {"OK": 20, "RESOURCE_EXHAUSTED": 10},
    ]
    assert [step.good for step in found] == [10, 20]
    assert len(judge.requests) == 50
    assert {request.judge for request in judge.requests} == {"short"}
    assert {len(request.items) for request in judge.requests} == {2}
    expected = {CONTENT.texts(number)[0] for number in range(50)}
    assert {request.items[0].messages[0].content for request in judge.requests} == expected


async def test_groups_of_token_ids_share_a_prompt_and_an_answers_error_is_no_success() -> None:
    judge = PickyJudge()
    found = await load(judge, 1, method="ScoreGroup", token_ids=True)
    assert found[0].codes == {"ITEM_FAILED": 4, "OK": 11}
    prompt, completions = CONTENT.ids(0)
    first = min(judge.groups, key=lambda group: unpack_u32(group.prompt_token_ids) != prompt)
    assert unpack_u32(first.prompt_token_ids) == prompt
    assert [unpack_u32(ids) for ids in first.completion_token_ids] == completions


def test_a_target_that_nobody_listens_at_is_said() -> None:
    target = f"127.0.0.1:{free_ports()['judge']}"
    settings = GrpcSettings(Connection(target), CONTENT, ready=0.5)
    with pytest.raises(NotReady, match=target), Generator(settings, 2, slo=LONG):
        pass


@pytest.fixture(scope="module")
def program_judge() -> Iterator[str]:
    """The address of a judge of checks, in a process of its own."""
    command = [sys.executable, "-m", "load_tests.program_judge"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()
        assert process.wait(30) == 0


def test_the_command_writes_lines_and_a_report(program_judge: str, tmp_path: Path) -> None:
    options = ["--target", program_judge, "--judge", "short", "--ramp", "20:60", "--seconds", "1.5"]
    options += ["--windows", "3", "--poisson", "1", "--processes", "2", "--deadline", "30"]
    options += ["--slo-ms", "30000", "--warm-up", "0.2", "--name", "ramp", "--out", str(tmp_path)]
    assert main(["run", *options]) == 0
    result: RunResult = read_result(tmp_path / "ramp.jsonl")
    assert [step.first_rate for step in result.steps] == pytest.approx(
        [20, 20 + 40 / 3, 20 + 80 / 3]
    )
    assert all(step.codes == {"OK": step.calls} for step in result.steps)
    assert result.info.poisson == 1
    assert result.info.target == program_judge
    page = (tmp_path / "ramp.html").read_text()
    assert "Score of judge short, texts" in page
    assert "Poisson arrivals (seed 1)" in page


def test_where_no_call_was_good_the_command_says_so(program_judge: str, tmp_path: Path) -> None:
    options = ["--target", program_judge, "--judge", "nobody", "--rate", "20", "--seconds", "0.5"]
    assert main(["run", *options, "--warm-up", "0", "--out", str(tmp_path)]) == 1
    [step] = read_result(tmp_path / "load.jsonl").steps
    assert step.codes == {"NOT_FOUND": 10}
    assert step.latency_ms["50"] is None
