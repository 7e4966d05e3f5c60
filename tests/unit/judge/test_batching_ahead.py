"""A queue that runs twice: batches are handed over while another is scored."""

import asyncio

from tests.unit.judge.test_batching import Clock, Model, Work, make_queue, running, settle


async def test_a_full_batch_is_handed_over_while_another_runs_and_less_than_one_waits() -> None:
    model, clock = Model(), Clock()
    model.permits = asyncio.Semaphore(0)
    queue = make_queue(model, clock)
    async with running(queue), running(queue):
        calls = [asyncio.create_task(queue.submit("v1", [Work(60)])) for _ in range(4)]
        await settle()
        assert [len(work) for _, work in model.batches] == [1, 1]
        clock.now = 3.0
        model.permits.release()
        await settle()
        assert len(model.batches) == 3
        clock.now = 4.0
        model.permits.release()
        await settle()
        # 60 tokens wait behind 60 that run: a further call may join them.
        assert len(model.batches) == 3
        calls.append(asyncio.create_task(queue.submit("v1", [Work(40)])))
        await settle()
        assert len(model.batches) == 4
        assert [work.tokens for work in model.batches[-1][1]] == [60, 40]
        for _ in range(2):
            model.permits.release()
        outcomes = [(await call)[0] for call in calls]
    times = [(each.queued_seconds, each.model_seconds) for each in outcomes[:2]]
    assert times == [(0.0, 3.0), (3.0, 1.0)]
