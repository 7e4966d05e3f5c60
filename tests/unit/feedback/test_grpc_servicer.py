import asyncio
import math
import threading
from collections.abc import AsyncIterator

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from prometheus_client import REGISTRY
from tests.unit.feedback.critiqued import critiques, named
from tests.unit.feedback.judged import group

from ratchet.demo.shop_standard import shop_standard
from ratchet.feedback.activity import Activity
from ratchet.feedback.audit_log import AuditLog
from ratchet.feedback.comparison_pool import ComparisonPool
from ratchet.feedback.config import LearnerSettings
from ratchet.feedback.critique_book import CritiqueBook
from ratchet.feedback.grpc_servicer import FeedbackServicer
from ratchet.feedback.labeling_desk import LabelingDesk
from ratchet.feedback.learner_client import LearnerClient
from ratchet.feedback.pairs import Shares, pairs_of
from ratchet.feedback.standard_book import StandardBook
from ratchet.feedback.submissions import Submissions
from ratchet.process.errors import Unavailable
from ratchet.process.grpc_server import GrpcServer
from ratchet.v1.audit_pb2 import AuditRecord
from ratchet.v1.feedback_service_pb2 import (
    GetStandardRequest,
    NextComparisonRequest,
    PutStandardRequest,
    SubmitPreferenceRequest,
)
from ratchet.v1.feedback_service_pb2_grpc import (
    FeedbackServiceStub,
    add_FeedbackServiceServicer_to_server,
)
from ratchet.v1.preference_pb2 import VOTE_A, Marks
from ratchet.v1.standard_pb2 import Standard


class Kafka:
    """Keeps what is written, and refuses while `is_down`."""

    def __init__(self) -> None:
        self.records: list[object] = []
        self.is_down = False

    async def write(self, value: object) -> None:
        if self.is_down:
            raise Unavailable("no broker")
        self.records.append(value)


class House:
    """A feedback service on a free port, without a Kafka."""

    def __init__(self) -> None:
        self.kafka = Kafka()
        self.critiques = CritiqueBook()
        self.pool = ComparisonPool(
            lease_seconds=60,
            repeat_share=0.5,
            shares=Shares(0.1, 0),
            pairs_per_version=9,
            pool_size=10,
            help_with=self.critiques.help_with,
        )
        self.standards = StandardBook(self.kafka.write)
        self.submissions = Submissions(self.pool, self.kafka.write)
        self.activity = Activity()
        self.audit = AuditLog(self._write_down)
        self.learner = LearnerClient(LearnerSettings())
        self.server = GrpcServer("127.0.0.1", 0, ["ratchet.v1.FeedbackService"])
        self.desk = LabelingDesk(self.standards, self.pool, self.submissions, self.kafka.write)
        add_FeedbackServiceServicer_to_server(
            FeedbackServicer(self.standards, self.desk, self.audit), self.server.server
        )

    async def _write_down(self, record: AuditRecord) -> None:
        if self.kafka.is_down:
            raise Unavailable("no broker")
        self.activity.add(record)

    async def open(self) -> FeedbackServiceStub:
        port = await self.server.start()
        self.channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
        return FeedbackServiceStub(self.channel)

    async def close(self) -> None:
        await self.channel.close()
        await self.server.drain(1)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    house.stub = await house.open()
    await house.stub.PutStandard(PutStandardRequest(standard=shop_standard()))
    house.pool.add(
        pairs_of(group("g", ["Sorry.", "Hello!"], standard_id="shop-support"), {}, Shares(0, 0))
    )
    yield house
    await house.close()


async def refusal(call) -> tuple[grpc.StatusCode, str]:
    """(status code, field named in google.rpc.BadRequest)"""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    violation = ""
    status = rpc_status.from_call(caught.value)
    if status is not None and status.details:
        bad_request = error_details_pb2.BadRequest()
        status.details[0].Unpack(bad_request)
        violation = bad_request.field_violations[0].field
    return caught.value.code(), violation


async def offered(house: House, labeler: str = "ann"):
    return await house.stub.NextComparison(
        NextComparisonRequest(standard_id="shop-support", labeler=labeler)
    )


def submission(**changed) -> SubmitPreferenceRequest:
    fields = {
        "pair_id": "g/0-1",
        "submission_id": "s1",
        "labeler": "ann",
        "vote": VOTE_A,
        "marks_a": Marks(broken_criterion_ids=["short", "polite"]),
        "seconds": 3.5,
    }
    return SubmitPreferenceRequest(**(fields | changed))


async def test_a_label_is_stored_with_the_comparison_that_it_is_about(house: House) -> None:
    offer = await offered(house)
    assert offer.standard.version == offer.comparison.standard_version == 1
    reply = await house.stub.SubmitPreference(submission())
    assert (reply.duplicate, reply.marked_answers) == (False, 2)
    stored = house.kafka.records[-1]
    assert stored.comparison == offer.comparison
    assert list(stored.marks_a.broken_criterion_ids) == ["short", "polite"]
    assert (stored.labeler, stored.vote, stored.seconds) == ("ann", VOTE_A, 3.5)


async def test_a_second_labelers_word_is_stored_as_a_repeat(house: House) -> None:
    await offered(house)
    await house.stub.SubmitPreference(submission())
    again = await offered(house, "bob")
    assert again.comparison.picked_because == "repeat"
    await house.stub.SubmitPreference(submission(submission_id="s2", labeler="bob"))
    assert house.kafka.records[-1].comparison.picked_because == "repeat"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"vote": 0}, "vote"),
        ({"vote": 99}, "vote"),
        ({"labeler": ""}, "labeler"),
        ({"labeler": "x" * 201}, "labeler"),
        ({"labeler": "a\nb"}, "labeler"),
        ({"submission_id": " "}, "submission_id"),
        ({"pair_id": ""}, "pair_id"),
        ({"seconds": -1.0}, "seconds"),
        ({"seconds": math.nan}, "seconds"),
        ({"seconds": math.inf}, "seconds"),
        ({"marks_a": Marks(broken_criterion_ids=["shiny"])}, "marks_a.broken_criterion_ids[0]"),
        (
            {"marks_b": Marks(broken_criterion_ids=["short", "short"])},
            "marks_b.broken_criterion_ids[1]",
        ),
    ],
)
async def test_what_is_wrong_with_a_submission_is_named(house: House, changed, field) -> None:
    await offered(house)
    before = len(house.kafka.records)
    call = house.stub.SubmitPreference(submission(**changed))
    assert await refusal(call) == (grpc.StatusCode.INVALID_ARGUMENT, field)
    assert len(house.kafka.records) == before


async def test_what_does_not_exist_is_named(house: House) -> None:
    missing = grpc.StatusCode.NOT_FOUND
    stub = house.stub
    ask = NextComparisonRequest(standard_id="bank", labeler="ann")
    assert await refusal(stub.NextComparison(ask)) == (missing, "standard_id")
    assert await refusal(stub.SubmitPreference(submission())) == (missing, "pair_id")
    await offered(house)
    assert await refusal(offered(house)) == (missing, "labeler")
    get = GetStandardRequest(standard_id="bank")
    assert await refusal(stub.GetStandard(get)) == (missing, "standard_id")
    get = GetStandardRequest(standard_id="shop-support", version=7)
    assert await refusal(stub.GetStandard(get)) == (missing, "version")


async def test_a_used_submission_id_is_named(house: House) -> None:
    await offered(house)
    await house.stub.SubmitPreference(submission())
    call = house.stub.SubmitPreference(submission(labeler="bob"))
    assert await refusal(call) == (grpc.StatusCode.INVALID_ARGUMENT, "submission_id")
    call = house.stub.SubmitPreference(submission(submission_id="s2"))
    assert (await refusal(call))[0] == grpc.StatusCode.FAILED_PRECONDITION


async def test_a_pair_that_kafka_did_not_take_is_offered_again(house: House) -> None:
    house.kafka.is_down = True
    assert (await refusal(offered(house)))[0] == grpc.StatusCode.UNAVAILABLE
    house.kafka.is_down = False
    assert (await offered(house)).comparison.pair_id == "g/0-1"


async def test_versions_of_a_standard_count_up_only_with_a_change(house: House) -> None:
    stub = house.stub
    stored = REGISTRY.get_sample_value("ratchet_feedback_standard_versions_total") or 0
    same = await stub.PutStandard(PutStandardRequest(standard=shop_standard()))
    assert same.standard.version == 1
    changed = shop_standard()
    changed.criteria[0].weight = 5
    newer = await stub.PutStandard(PutStandardRequest(standard=changed))
    assert newer.standard.version == 2
    get = GetStandardRequest(standard_id="shop-support", version=1)
    assert (await stub.GetStandard(get)).standard == same.standard
    newest = await stub.GetStandard(GetStandardRequest(standard_id="shop-support"))
    assert newest.standard == newer.standard
    assert REGISTRY.get_sample_value("ratchet_feedback_standard_versions_total") == stored + 1


async def test_the_field_of_a_standard_at_fault_is_named(house: House) -> None:
    wrong = shop_standard()
    wrong.criteria[2].weight = 0
    call = house.stub.PutStandard(PutStandardRequest(standard=wrong))
    code = grpc.StatusCode.INVALID_ARGUMENT
    assert await refusal(call) == (code, "standard.criteria[2].weight")
    wrong = shop_standard()
    wrong.criteria[1].check.regex.pattern = "(sorry"
    call = house.stub.PutStandard(PutStandardRequest(standard=wrong))
    assert await refusal(call) == (code, "standard.criteria[1].check.regex.pattern")
    call = house.stub.PutStandard(PutStandardRequest(standard=Standard()))
    assert await refusal(call) == (code, "standard.standard_id")


async def test_a_standard_that_is_checked_for_long_keeps_nobody_waiting(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, answered = threading.Event(), threading.Event()

    def slow(standard: Standard) -> None:
        began.set()
        assert answered.wait(5)

    monkeypatch.setattr("ratchet.feedback.grpc_servicer.validate_standard", slow)
    put = house.stub.PutStandard(PutStandardRequest(standard=shop_standard()))
    assert await asyncio.to_thread(began.wait, 5)
    await offered(house)
    answered.set()
    assert (await put).standard.version == 1


async def test_a_standard_keeps_its_checks(house: House) -> None:
    checked = shop_standard()
    checked.criteria[6].check.length.max_words = 45
    stored = await house.stub.PutStandard(PutStandardRequest(standard=checked))
    assert stored.standard.version == 2
    assert stored.standard.criteria[6].check.length.max_words == 45


async def test_help_is_shown_to_whoever_asks_and_kept_with_the_label(house: House) -> None:
    helped, alone = named(helped=True)[0], named(helped=False)[0]
    for name in (helped, alone):
        judged = group(name, ["Sorry!", "Bye."], policy_version=2, standard_id="shop-support")
        house.pool.add(pairs_of(judged, {}, Shares(0, 0)))
        house.critiques.add(
            critiques(name, [["polite"], []], ["polite", "short"], standard_id="shop-support")
        )
    shown = {}
    for number in range(2):
        comparison = (await offered(house)).comparison
        shown[comparison.group_id] = comparison
        await house.stub.SubmitPreference(
            SubmitPreferenceRequest(
                pair_id=comparison.pair_id,
                submission_id=f"helped-{number}",
                labeler="ann",
                vote=VOTE_A,
            )
        )
        kept = house.kafka.records[-1]
        assert kept.assisted == (comparison.group_id == helped)
        assert kept.comparison.help == comparison.help
    assert [c.pointed_at for c in shown[helped].help.critique_a.criteria] == [True, False]
    assert not shown[alone].HasField("help")
