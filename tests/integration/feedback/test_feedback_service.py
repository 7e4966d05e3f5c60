"""The feedback service as a process of its own, on a real Kafka."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from tests.unit.feedback.judged import group
from tests.unit.feedback.notices.post_office import Hook
from tests.unit.feedback.page.visitor import Visitor

from ratchet.cli import main
from ratchet.demo.prompts import TRAIN
from ratchet.demo.shop_standard import shop_standard
from ratchet.process.config import KafkaSettings
from ratchet.stream.producer import Producer
from ratchet.stream.reader import Reader
from ratchet.stream.topics import AUDIT, GATES, JUDGEMENTS, PREFERENCES
from ratchet.v1.audit_pb2 import AuditRecord
from ratchet.v1.feedback_service_pb2 import (
    GetStandardRequest,
    NextComparisonRequest,
    NextComparisonResponse,
    PutStandardRequest,
    SubmitPreferenceRequest,
    SubmitPreferenceResponse,
)
from ratchet.v1.feedback_service_pb2_grpc import FeedbackServiceStub
from ratchet.v1.gate_pb2 import AUTONOMY_AUTONOMOUS, AUTONOMY_LEARNING, GateState
from ratchet.v1.preference_pb2 import VOTE_A, Comparison, Marks, Preference
from ratchet.v1.prompt_pb2 import PURPOSE_TRAIN


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class FeedbackProcess:
    """`python -m ratchet.feedback` on a port that stays the same over restarts."""

    def __init__(self, kafka: KafkaSettings, folder: Path) -> None:
        self.port = free_port()
        self.page_port = free_port()
        self.log = folder / "feedback.log"
        self.config = folder / "feedback.toml"
        self.config.write_text(
            f"port = {self.port}\nmetrics_port = 0\npage_port = {self.page_port}\n"
            f'registry = "{folder}"\npage_key_file = "{folder}/page.key"\n'
            f'[kafka]\nbootstrap_servers = "{kafka.bootstrap_servers}"\n'
            f'topic_prefix = "{kafka.topic_prefix}"\n'
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, **environment: str) -> FeedbackServiceStub:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ratchet.feedback", "--config", str(self.config)],
                stderr=log,
                env=os.environ | {"PYTHONPATH": ":".join(sys.path)} | environment,
            )
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.port}")
        grpc.channel_ready_future(self.channel).result(timeout=60)
        return FeedbackServiceStub(self.channel)

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        assert self.process is not None
        code = self.process.wait(timeout=30)
        self.channel.close()
        self.process = None
        return code


@pytest.fixture
def feedback(kafka: KafkaSettings, tmp_path: Path) -> Iterator[FeedbackProcess]:
    process = FeedbackProcess(kafka, tmp_path)
    yield process
    if process.process is not None:
        process.end(signal.SIGKILL)


def judge_groups(kafka: KafkaSettings, *names: str, **how: Any) -> None:
    """What the judge would have written."""
    producer = Producer(kafka, "test")
    for name in names:
        texts = [f"Sorry, {name}.", f"Hello, {name}."]
        judged = group(name, texts, standard_id="shop-support", **how)
        judged.group.prompt.prompt_id = f"of-{name}"
        judged.group.prompt.messages.add(role="user", content=TRAIN[0].text)
        producer.send(JUDGEMENTS, name, judged).wait()
    producer.close()


def stored_preferences(kafka: KafkaSettings) -> list[Preference]:
    reader = Reader(kafka, [PREFERENCES], "test", start=None)
    preferences: list[Preference] = []
    while not reader.caught_up():
        preferences += [record.value for record in reader.poll(0.2)]
    reader.close()
    return preferences


def next_comparison(stub: FeedbackServiceStub, labeler: str) -> NextComparisonResponse:
    """Asks until the service has read the group that the test wrote."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return stub.NextComparison(
                NextComparisonRequest(standard_id="shop-support", labeler=labeler), timeout=10
            )
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.NOT_FOUND or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def submit(
    stub: FeedbackServiceStub, pair_id: str, submission_id: str, labeler: str = "ann"
) -> SubmitPreferenceResponse:
    request = SubmitPreferenceRequest(
        pair_id=pair_id,
        submission_id=submission_id,
        labeler=labeler,
        vote=VOTE_A,
        marks_a=Marks(broken_criterion_ids=["short"]),
        seconds=2,
    )
    return stub.SubmitPreference(request, timeout=20)


def test_what_a_labeler_saw_accepted_survives_sigkill(feedback, kafka) -> None:
    judge_groups(kafka, "p0-0", "p0-1")
    stub = feedback.start()
    stub.PutStandard(PutStandardRequest(standard=shop_standard()))
    first = next_comparison(stub, "ann").comparison
    second = next_comparison(stub, "ann").comparison
    assert submit(stub, first.pair_id, "s1").duplicate is False
    feedback.end(signal.SIGKILL)

    stub = feedback.start()
    newest = stub.GetStandard(GetStandardRequest(standard_id="shop-support")).standard
    assert newest.version == 1
    again = submit(stub, first.pair_id, "s1")
    assert (again.duplicate, again.marked_answers) == (True, 2)
    # The pair that she was reading when the service died is still one that she can label.
    assert submit(stub, second.pair_id, "s2").marked_answers == 4
    assert [p.submission_id for p in stored_preferences(kafka)] == ["s1", "s2"]
    assert stored_preferences(kafka)[0].comparison == first
    assert feedback.end(signal.SIGTERM) == 0


def test_a_crash_between_kafkas_word_and_the_reply_makes_no_second_record(feedback, kafka) -> None:
    judge_groups(kafka, "p0-0")
    stub = feedback.start(RATCHET_FAILPOINT="feedback-after-preferences")
    stub.PutStandard(PutStandardRequest(standard=shop_standard()))
    pair_id = next_comparison(stub, "ann").comparison.pair_id
    with pytest.raises(grpc.RpcError) as caught:
        submit(stub, pair_id, "s1")
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    assert feedback.wait() == -signal.SIGKILL

    stub = feedback.start()
    assert submit(stub, pair_id, "s1").duplicate is True
    assert len(stored_preferences(kafka)) == 1


def test_an_autonomous_judge_is_audited_by_lot_alone(feedback, kafka) -> None:
    names = [f"p0-{i}" for i in range(40)]
    producer = Producer(kafka, "test")
    gate = GateState(standard_id="shop-support", state=AUTONOMY_AUTONOMOUS, label_share=0.25)
    producer.send(GATES, "shop-support", gate).wait()
    for name in names:
        judged = group(
            name, ["a", "b"], judge_version=1, purpose=PURPOSE_TRAIN, standard_id="shop-support"
        )
        producer.send(JUDGEMENTS, name, judged).wait()
    producer.close()
    stub = feedback.start()
    stub.PutStandard(PutStandardRequest(standard=shop_standard()))
    asked = NextComparisonRequest(standard_id="shop-support", labeler="ann")
    offered = []
    with pytest.raises(grpc.RpcError, match="no comparison waits"):
        for _ in names:
            offered.append(stub.NextComparison(asked, timeout=10).comparison)
    assert 2 <= len(offered) <= 18
    assert {comparison.picked_because for comparison in offered} == {"random"}
    assert feedback.end(signal.SIGTERM) == 0


async def test_the_page_goes_on_after_sigkill_where_it_was(feedback, kafka) -> None:
    judge_groups(kafka, "p0-0")
    stub = feedback.start()
    stub.PutStandard(PutStandardRequest(standard=shop_standard()))
    ann = Visitor.of(f"http://127.0.0.1:{feedback.page_port}")
    await ann.sign_in("Ann")
    deadline = time.monotonic() + 30
    while (pair := await ann.next_pair()) is None and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    label = {
        "pair_id": pair["pair_id"],
        "submission_id": "s1",
        "vote": "first",
        "broken_first": [],
        "broken_second": ["short"],
        "seconds": 2.0,
    }
    assert (await ann.post("/labels", label)).json()["duplicate"] is False
    feedback.end(signal.SIGKILL)

    feedback.start()
    # Still signed in, and what a browser sends again is known.
    assert (await ann.post("/labels", label)).json()["duplicate"] is True
    [stored] = stored_preferences(kafka)
    assert (stored.labeler, stored.submission_id) == ("Ann", "s1")
    await ann.http.aclose()
    assert feedback.end(signal.SIGTERM) == 0


def tell_gate(kafka: KafkaSettings, **state: Any) -> None:
    """What the learner would have written."""
    producer = Producer(kafka, "test")
    gate = GateState(standard_id="shop-support", judge_version=1, **state)
    producer.send(GATES, gate.standard_id, gate).wait()
    producer.close()


def all_that_is_offered(stub: FeedbackServiceStub, labeler: str) -> list[Comparison]:
    """To a labeler who labels nothing of it."""
    request = NextComparisonRequest(standard_id="shop-support", labeler=labeler)
    found: list[Comparison] = []
    with contextlib.suppress(grpc.RpcError):
        while True:
            found.append(stub.NextComparison(request, timeout=10).comparison)
    return found


def test_a_group_gives_the_same_pair_whatever_the_gate_has_become_when_it_is_read_again(
    feedback, kafka
) -> None:
    # By the hashes of their ids 2, 7 and 9 are drawn by lot; the others are picked to teach.
    judge_groups(kafka, *(f"p0-{i}" for i in range(10)), judge_version=1, purpose=PURPOSE_TRAIN)
    tell_gate(kafka, state=AUTONOMY_AUTONOMOUS, label_share=1.0)
    stub = feedback.start()
    stub.PutStandard(PutStandardRequest(standard=shop_standard()))
    audits = all_that_is_offered(stub, "ann")
    drawn = {"p0-2", "p0-7", "p0-9"}
    assert {pair.group_id for pair in audits} == drawn
    assert {pair.picked_because for pair in audits} == {"random"}
    feedback.end(signal.SIGKILL)

    tell_gate(kafka, state=AUTONOMY_LEARNING, label_share=1.0)
    offered = all_that_is_offered(feedback.start(), "bob")
    assert len(offered) == 10
    assert {pair.group_id for pair in offered if pair.picked_because == "random"} == drawn
    feedback.end(signal.SIGKILL)

    # Those that nobody has labeled become no audits.
    tell_gate(kafka, state=AUTONOMY_AUTONOMOUS, label_share=1.0)
    assert {pair.group_id for pair in all_that_is_offered(feedback.start(), "cid")} == drawn


async def test_what_people_did_is_printed_by_the_audit(feedback, kafka, capsys) -> None:
    stub = feedback.start()
    stub.PutStandard(PutStandardRequest(standard=shop_standard()))
    ann = Visitor.of(f"http://127.0.0.1:{feedback.page_port}")
    await ann.sign_in("Ann")
    await ann.http.aclose()
    assert feedback.end(signal.SIGTERM) == 0, "and what was not waited for is written by then"
    await asyncio.to_thread(main, ["audit", "--config", str(feedback.config)])
    asked, put, came = (line.split("\t") for line in capsys.readouterr().out.splitlines())
    assert (asked[2:4], asked[4]) == (["standard.put.asked", "shop-support"], "feedback")
    assert (put[2:4], put[4]) == (["standard.put", "shop-support version 1"], "feedback")
    assert came[1:3] == ["Ann", "page.sign-in"]


async def test_the_owner_is_told_what_happened_while_the_service_was_down(feedback, kafka) -> None:
    hook = Hook()
    with feedback.config.open("a") as config:
        config.write(f'[notices.webhook]\nurl = "{await hook.open()}"\n')
    producer, at = Producer(kafka, "test"), time.time()
    fell = AuditRecord(actor="gate", at=at, action="gate.fell", detail="shop-support: Why.")
    await asyncio.to_thread(producer.send(AUDIT, f"gate/{at}", fell).wait)
    producer.close()
    feedback.start()
    await asyncio.wait_for(hook.arrived.wait(), 30)
    assert feedback.end(signal.SIGTERM) == 0
    # Started again it remembers.
    stub = feedback.start()
    stub.PutStandard(PutStandardRequest(standard=shop_standard()))
    assert feedback.end(signal.SIGTERM) == 0
    [(_, body)] = hook.posts
    assert json.loads(body)["text"] == "Why."
    await hook.close()


def test_a_prompt_that_was_erased_is_not_offered_while_its_judgement_is_still_kept(
    feedback, kafka
) -> None:
    judge_groups(kafka, "p0-0", "p0-1")
    producer = Producer(kafka, "test")
    told = AuditRecord(actor="me", at=1, action="erase.prompt", detail="of-p0-1")
    producer.send(AUDIT, "me/1", told).wait()
    producer.close()
    stub = feedback.start()
    stub.PutStandard(PutStandardRequest(standard=shop_standard()))
    assert next_comparison(stub, "ann").comparison.group_id == "p0-0"
    with pytest.raises(grpc.RpcError) as caught:
        stub.NextComparison(
            NextComparisonRequest(standard_id="shop-support", labeler="ann"), timeout=10
        )
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND


def test_two_labelers_never_hold_the_same_pair(feedback, kafka) -> None:
    names = [f"p0-{i}" for i in range(6)]
    judge_groups(kafka, *names)
    stub = feedback.start()
    stub.PutStandard(PutStandardRequest(standard=shop_standard()))
    pairs = [next_comparison(stub, labeler).comparison for labeler in ["ann", "bob"] * 3]
    assert sorted(pair.group_id for pair in pairs) == names


def test_the_simulated_labelers_label_up_to_their_limit(feedback, kafka) -> None:
    judge_groups(kafka, *(f"p0-{i}" for i in range(4)))
    stub = feedback.start()
    stub.PutStandard(PutStandardRequest(standard=shop_standard()))
    labeler = [sys.executable, "-m", "ratchet.demo.simulated_labeler", "--limit", "6"]
    subprocess.run(
        [*labeler, "--feedback", f"127.0.0.1:{feedback.port}"],
        check=True,
        timeout=60,
        env=os.environ | {"PYTHONPATH": ":".join(sys.path)},
    )
    stored = stored_preferences(kafka)
    assert len(stored) == 3
    assert {preference.labeler for preference in stored} == {"labeler-1", "labeler-2"}
    assert len({preference.comparison.group_id for preference in stored}) == 3
