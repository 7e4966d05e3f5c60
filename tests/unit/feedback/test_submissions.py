import asyncio

import pytest

from ratchet.feedback.comparison_pool import ComparisonPool
from ratchet.feedback.pairs import Shares
from ratchet.feedback.submissions import AlreadyLabeled, SubmissionIdReused, Submissions
from ratchet.v1.preference_pb2 import VOTE_A, Comparison, Marks, Preference


class Log:
    """The `preferences` topic: acknowledges when told to."""

    def __init__(self) -> None:
        self.records: list[Preference] = []
        self.acknowledge = asyncio.Event()
        self.acknowledge.set()
        self.written = asyncio.Event()
        self.fails = False

    async def write(self, preference: Preference) -> None:
        if self.fails:
            raise ConnectionError("no broker")
        self.records.append(preference)
        self.written.set()
        await self.acknowledge.wait()


def submissions_of(log: Log) -> Submissions:
    pool = ComparisonPool(
        lease_seconds=60, repeat_share=0.1, shares=Shares(0.1, 0), pairs_per_version=9, pool_size=10
    )
    return Submissions(pool, log.write)


def preference(
    submission_id: str = "s1", pair_id: str = "g/0-1", labeler: str = "ann"
) -> Preference:
    return Preference(
        submission_id=submission_id,
        labeler=labeler,
        vote=VOTE_A,
        marks_a=Marks(),
        marks_b=Marks(),
        comparison=Comparison(pair_id=pair_id, standard_id="shop", picked_because="first"),
    )


async def test_a_submission_sent_again_is_a_duplicate_and_writes_nothing() -> None:
    log = Log()
    submissions = submissions_of(log)
    assert await submissions.accept(preference()) is False
    assert await submissions.accept(preference()) is True
    assert len(log.records) == 1
    assert submissions.marked_answers("shop") == 2


async def test_a_submission_sent_again_while_the_first_is_under_way_waits_for_its_outcome() -> None:
    log = Log()
    log.acknowledge.clear()
    submissions = submissions_of(log)
    first = asyncio.create_task(submissions.accept(preference()))
    await log.written.wait()
    second = asyncio.create_task(submissions.accept(preference()))
    await asyncio.sleep(0)
    assert not second.done()
    log.acknowledge.set()
    assert [await first, await second] == [False, True]
    assert len(log.records) == 1


async def test_a_caller_that_gives_up_finds_its_label_kept() -> None:
    log = Log()
    log.acknowledge.clear()
    submissions = submissions_of(log)
    call = asyncio.create_task(submissions.accept(preference()))
    await log.written.wait()
    call.cancel()
    log.acknowledge.set()
    assert await submissions.accept(preference()) is True
    assert len(log.records) == 1


async def test_what_kafka_refused_is_not_accepted_and_can_be_sent_again() -> None:
    log = Log()
    log.fails = True
    submissions = submissions_of(log)
    with pytest.raises(ConnectionError):
        await submissions.accept(preference())
    assert submissions.marked_answers("shop") == 0
    log.fails = False
    assert await submissions.accept(preference()) is False


async def test_a_restart_knows_what_the_topic_holds() -> None:
    submissions = submissions_of(Log())
    for _ in range(2):  # the topic may hold a record twice
        submissions.restore(preference())
    assert await submissions.accept(preference()) is True
    assert submissions.marked_answers("shop") == 2


async def test_an_id_of_another_preference_is_refused() -> None:
    submissions = submissions_of(Log())
    await submissions.accept(preference())
    for other in (preference(pair_id="h/0-1"), preference(labeler="bob")):
        with pytest.raises(SubmissionIdReused):
            await submissions.accept(other)


async def test_a_labeler_has_one_word_on_a_pair() -> None:
    log = Log()
    submissions = submissions_of(log)
    outcomes = await asyncio.gather(
        submissions.accept(preference("s1")),
        submissions.accept(preference("s2")),
        submissions.accept(preference("s3", labeler="bob")),
        return_exceptions=True,
    )
    assert outcomes[0] is False
    assert isinstance(outcomes[1], AlreadyLabeled)
    assert outcomes[2] is False
    assert len(log.records) == 2


async def test_an_import_is_never_offered_as_a_repeat_and_counts_its_marks_alone() -> None:
    pool = ComparisonPool(
        lease_seconds=60, repeat_share=1, shares=Shares(0, 0), pairs_per_version=9, pool_size=10
    )
    submissions = Submissions(pool, Log().write)
    imported = preference()
    imported.comparison.picked_because = "import"
    imported.ClearField("marks_a")
    submissions.restore(imported)
    assert submissions.marked_answers("shop") == 1
    assert pool.offer("shop", "bob", 1) is None
    submissions.restore(preference("s2", "h/0-1"))
    offer = pool.offer("shop", "bob", 1)
    assert offer is not None
    assert offer.comparison.pair_id == "h/0-1"
