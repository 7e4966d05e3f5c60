import asyncio
import contextlib
import gc
import math
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratchet.judge.batching import BULK_TURN, BatchQueue
from ratchet.judge.lane import FORGOTTEN_ENTRIES, Lane
from ratchet.judge.submission import Failed, Scored, Submission
from ratchet.process.errors import Overloaded

MAX_BATCH, MAX_QUEUE = 100, 250


@dataclass(frozen=True, eq=False)
class Work:
    tokens: int


class Model:
    """Records batches; each waits for a permit where `step` is set."""

    def __init__(self) -> None:
        self.batches: list[tuple[str, list[Work]]] = []
        self.poison: set[Work] = set()
        self.started = asyncio.Semaphore(0)
        self.permits: asyncio.Semaphore | None = None
        self.after: Callable[[], None] = lambda: None

    async def __call__(self, version: str, work: Sequence[Work]) -> list[tuple[str, Work]]:
        self.batches.append((version, list(work)))
        self.started.release()
        if self.permits:
            await self.permits.acquire()
        self.after()
        if self.poison & set(work):
            raise FloatingPointError("poisoned")
        return [(version, unit) for unit in work]

    @property
    def scored(self) -> list[Work]:
        return [unit for _, batch in self.batches for unit in batch]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


Queue = BatchQueue[str, Work, tuple[str, Work]]


def make_queue(model: Model, clock: Clock | None = None, max_queue: int = MAX_QUEUE) -> Queue:
    return BatchQueue(model, lambda work: work.tokens, MAX_BATCH, max_queue, clock or Clock())


@contextlib.asynccontextmanager
async def running(queue: Queue) -> AsyncIterator[None]:
    task = asyncio.create_task(queue.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def settle() -> None:
    """Lets every task go on as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


def results(outcomes: Sequence[Scored[tuple[str, Work]] | Failed]) -> list[tuple[str, Work]]:
    assert all(isinstance(outcome, Scored) for outcome in outcomes)
    return [outcome.result for outcome in outcomes if isinstance(outcome, Scored)]


calls = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from(["v1", "v2"]),
        st.lists(st.integers(1, MAX_BATCH + 30), min_size=1, max_size=6),
    ),
    min_size=1,
    max_size=12,
)


@given(calls)
def test_every_unit_is_scored_once_by_its_version_within_the_budget(
    wanted: list[tuple[bool, str, list[int]]],
) -> None:
    async def scenario() -> None:
        model = Model()
        queue = make_queue(model, max_queue=10**6)
        submitted = [
            (version, [Work(size) for size in sizes], bulk) for bulk, version, sizes in wanted
        ]
        pending: list[Awaitable[list[Scored[tuple[str, Work]] | Failed]]] = [
            asyncio.ensure_future(
                queue.submit_bulk(version, work) if bulk else queue.submit(version, work)
            )
            for version, work, bulk in submitted
        ]
        await settle()
        async with running(queue):
            answers = await asyncio.gather(*pending)
        for (version, work, _), outcomes in zip(submitted, answers, strict=True):
            assert results(outcomes) == [(version, unit) for unit in work]
        units = [unit for _, work, _ in submitted for unit in work]
        assert len(model.scored) == len(units) and set(model.scored) == set(units)
        for _, batch in model.batches:
            assert len(batch) == 1 or sum(unit.tokens for unit in batch) <= MAX_BATCH
        assert queue.queued_tokens == 0

    asyncio.run(scenario())


@given(st.lists(st.lists(st.integers(1, 150), min_size=1, max_size=4), max_size=20))
def test_the_queue_is_bounded_and_refuses_a_call_as_a_whole(calls: list[list[int]]) -> None:
    async def scenario() -> None:
        queue = make_queue(Model())
        accepted = 0
        for sizes in calls:
            task = asyncio.ensure_future(queue.submit("v1", [Work(size) for size in sizes]))
            await settle()
            if task.done():
                with pytest.raises(Overloaded):
                    task.result()
                assert accepted + sum(sizes) > MAX_QUEUE
            else:
                assert accepted == 0 or accepted + sum(sizes) <= MAX_QUEUE
                accepted += sum(sizes)
            assert queue.queued_tokens == accepted

    asyncio.run(scenario())


async def test_what_queued_up_during_a_batch_is_the_next_batch() -> None:
    model = Model()
    model.permits = asyncio.Semaphore(0)
    queue = make_queue(model)
    async with running(queue):
        first = asyncio.ensure_future(queue.submit("v1", [Work(10)]))
        await model.started.acquire()
        rest = [asyncio.ensure_future(queue.submit("v1", [Work(10)])) for _ in range(3)]
        await settle()
        for _ in range(2):
            model.permits.release()
        await asyncio.gather(first, *rest)
    assert [len(batch) for _, batch in model.batches] == [1, 3]


async def test_expired_work_never_reaches_the_model() -> None:
    model, clock = Model(), Clock()
    queue = make_queue(model, clock)
    late = asyncio.ensure_future(queue.submit("v1", [Work(10), Work(20)], deadline=5.0))
    alive = asyncio.ensure_future(queue.submit("v1", [Work(30)], deadline=7.0))
    await settle()
    clock.now = 6.0
    async with running(queue):
        await alive
        with pytest.raises(TimeoutError):
            await late
    assert [unit.tokens for unit in model.scored] == [30]


async def test_a_caller_that_leaves_as_its_deadline_passes_does_not_stop_the_queue() -> None:
    model, clock = Model(), Clock()
    queue = make_queue(model, clock)
    gone = asyncio.ensure_future(queue.submit("v1", [Work(10)], deadline=5.0))
    await settle()
    async with running(queue):
        clock.now = 6.0
        gone.cancel()  # Its units are still in when the queue takes its next batch.
        assert results(await queue.submit("v1", [Work(20)]))
    assert [unit.tokens for unit in model.scored] == [20]


async def test_a_caller_that_leaves_in_the_same_turn_costs_a_batch_no_place() -> None:
    model = Model()
    queue = make_queue(model)
    gone = asyncio.ensure_future(queue.submit("v1", [Work(MAX_BATCH)], deadline=1.0))
    stays = asyncio.ensure_future(queue.submit("v1", [Work(MAX_BATCH)]))
    await settle()
    async with running(queue):
        gone.cancel()  # Its units are still in when the queue takes its next batch.
        await stays
    assert [len(batch) for _, batch in model.batches] == [1], "the one that is gone was scored"
    assert queue.queued_tokens == 0


async def test_cancelled_work_never_reaches_the_model_and_makes_room() -> None:
    model = Model()
    queue = make_queue(model)
    gone = asyncio.ensure_future(queue.submit("v1", [Work(200)]))
    await settle()
    gone.cancel()
    await settle()
    assert queue.queued_tokens == 0
    async with running(queue):
        await queue.submit("v1", [Work(240)])
    assert [unit.tokens for unit in model.scored] == [240]


async def test_a_caller_that_leaves_during_the_batch_spoils_nothing() -> None:
    model = Model()
    model.permits = asyncio.Semaphore(0)
    queue = make_queue(model)
    stays, leaves = Work(10), Work(20)
    pending = [asyncio.ensure_future(queue.submit("v1", [work])) for work in (stays, leaves)]
    async with running(queue):
        await model.started.acquire()
        pending[1].cancel()
        await settle()
        model.permits.release()
        assert results(await pending[0]) == [("v1", stays)]


async def test_interactive_work_goes_before_bulk() -> None:
    model = Model()
    queue = make_queue(model)
    bulk, interactive = Work(80), Work(70)
    pending = [asyncio.ensure_future(queue.submit_bulk("v1", [bulk]))]
    await settle()
    pending.append(asyncio.ensure_future(queue.submit("v1", [interactive])))
    await settle()
    async with running(queue):
        await asyncio.gather(*pending)
    assert model.scored == [interactive, bulk]


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_bulk_work_is_not_starved_by_endless_interactive_work(version: str) -> None:
    model = Model()
    queue = make_queue(model)
    endless: list[asyncio.Future[object]] = []

    def more() -> None:
        endless.append(asyncio.ensure_future(queue.submit("v1", [Work(MAX_BATCH)])))

    more()
    bulk = Work(MAX_BATCH)
    waiting = asyncio.ensure_future(queue.submit_bulk(version, [bulk]))
    await settle()
    # One more comes for each that is scored, so that the lane never empties.
    model.after = more
    more()
    async with running(queue):
        assert results(await asyncio.wait_for(waiting, 10)) == [(version, bulk)]
    assert model.scored.index(bulk) <= BULK_TURN
    for task in endless:
        task.cancel()
    await asyncio.gather(*endless, return_exceptions=True)


async def test_bulk_work_waits_for_room_and_leaves_room_for_interactive_work() -> None:
    model = Model()
    queue = make_queue(model)
    work = [Work(40) for _ in range(50)]
    bulk = asyncio.ensure_future(queue.submit_bulk("v1", work))
    await settle()
    assert queue.queued_tokens <= MAX_BATCH
    interactive = asyncio.ensure_future(queue.submit("v1", [Work(MAX_QUEUE - MAX_BATCH)]))
    await settle()
    assert not interactive.done()
    async with running(queue):
        await interactive
        assert results(await bulk) == [("v1", unit) for unit in work]


async def test_one_bad_unit_fails_alone() -> None:
    model = Model()
    queue = make_queue(model)
    good, bad, other = Work(10), Work(11), Work(12)
    model.poison = {bad}
    async with running(queue):
        outcomes = await queue.submit("v1", [good, bad, other])
    assert outcomes[1] == Failed("FloatingPointError: poisoned")
    assert results([outcomes[0], outcomes[2]]) == [("v1", good), ("v1", other)]


async def test_the_retry_hint_follows_the_pace_of_the_model() -> None:
    model, clock = Model(), Clock()
    queue = make_queue(model, clock)

    def slow() -> None:
        clock.now += 20.0

    model.after = slow
    async with running(queue):
        for _ in range(30):
            await queue.submit("v1", [Work(100)])
        model.permits = asyncio.Semaphore(0)
        busy = asyncio.ensure_future(queue.submit("v1", [Work(100)]))
        await settle()
        waiting = asyncio.ensure_future(queue.submit("v1", [Work(100)]))
        await settle()
        with pytest.raises(Overloaded, match=r"retry in (19|20)"):
            await queue.submit("v1", [Work(200)])
        for task in (busy, waiting):
            task.cancel()


async def test_timings_tell_waiting_from_scoring() -> None:
    model, clock = Model(), Clock()
    queue = make_queue(model, clock)
    pending = asyncio.ensure_future(queue.submit("v1", [Work(10)]))
    await settle()
    clock.now = 3.0

    def advance() -> None:
        clock.now = 5.0

    model.after = advance
    async with running(queue):
        [outcome] = await pending
    assert isinstance(outcome, Scored)
    assert (outcome.queued_seconds, outcome.model_seconds) == (3.0, 2.0)


async def test_the_earliest_deadline_goes_first_then_the_earliest_arrival() -> None:
    model = Model()
    queue = make_queue(model)
    deadlines = [(60, math.inf), (61, 30.0), (62, 10.0), (63, 10.0)]
    calls = [
        asyncio.ensure_future(queue.submit("v1", [Work(tokens)], deadline))
        for tokens, deadline in deadlines
    ]
    await settle()
    async with running(queue):
        await asyncio.gather(*calls)
    assert [unit.tokens for unit in model.scored] == [62, 63, 61, 60]


async def test_requests_for_two_judges_do_not_break_each_others_batches() -> None:
    model = Model()
    queue = make_queue(model)
    calls = [
        asyncio.ensure_future(queue.submit(version, [Work(10)])) for version in ["v1", "v2"] * 4
    ]
    await settle()
    async with running(queue):
        await asyncio.gather(*calls)
    assert [(version, len(batch)) for version, batch in model.batches] == [("v1", 4), ("v2", 4)]


async def test_a_tenant_has_no_more_waiting_than_its_share_and_leaves_room_to_others() -> None:
    model = Model()
    queue = make_queue(model)
    first = asyncio.ensure_future(queue.submit("v1", [Work(60)], tenant="a", share=0.5))
    await settle()
    with pytest.raises(Overloaded):
        await queue.submit("v1", [Work(70)], tenant="a", share=0.5)
    other = asyncio.ensure_future(queue.submit("v1", [Work(70)], tenant="b", share=0.5))
    await settle()
    async with running(queue):
        await asyncio.gather(first, other)
        # What was scored no longer counts.
        await queue.submit("v1", [Work(120)], tenant="a", share=0.5)
    assert [unit.tokens for unit in model.scored] == [60, 70, 120]


async def test_work_that_was_cancelled_is_not_remembered_for_ever() -> None:
    lane: Lane[str, Work, None] = Lane()
    submissions: list[Submission[str, Work, None]] = [
        Submission("v1", [Work(1)], [1], math.inf, 0.0, "") for _ in range(1000)
    ]
    stays = submissions[0]
    for submission in submissions:
        lane.add(submission)
    for submission in submissions[1:]:
        assert lane.discard(submission)
    assert not lane.discard(submissions[1])
    assert (len(lane), lane.tokens, lane.first()) == (1, 1, stays)
    alive = [weakref.ref(submission.payloads[0]) for submission in submissions[1:]]
    del submissions, submission
    gc.collect()
    assert sum(ref() is not None for ref in alive) <= 2 * FORGOTTEN_ENTRIES
