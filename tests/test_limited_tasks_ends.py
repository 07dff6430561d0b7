"""Held tasks and who ends them: stops, rejections and cancels that meet; partials; the order after a change of mind."""

import functools
import threading
from typing import Any

import pytest

from waiting import until
from windlass import Limit, Limiter, Task, ThreadPool
from windlass.dropin.futures import ThreadPoolExecutor
from windlass.dropin.futures import wait as wait_for_futures

LIMIT = 10


def held_by(pool: ThreadPool, limit: Limit, **options: Any) -> Task[int]:
    """Return a task that waits at the limit."""
    before = limit.held
    task = pool.options(semaphore=limit, **options).submit(int)
    until(lambda: limit.held == before + 1)
    return task


def busy(pool: ThreadPool, gate: threading.Event) -> None:
    """Keep a worker from its next task until the gate opens."""
    until(pool.submit(gate.wait, LIMIT).running)


def test_a_callback_of_a_cancelled_held_task_may_stop_the_pool(limit: Limit) -> None:
    pool = ThreadPool(2)
    held, other = held_by(pool, limit), held_by(pool, limit)
    stopped: list[Task[Any]] = []
    held.add_done_callback(lambda _: stopped.extend(pool.stop()))
    assert held.cancel()
    assert stopped == [other]
    assert (limit.held, pool.num_queued_tasks, pool.unfinished_tasks) == (0, 0, 0)
    assert pool.join(LIMIT)


def test_a_pool_is_stopped_while_another_thread_cancels_a_held_task(limit: Limit) -> None:
    pool = ThreadPool(2)
    held = held_by(pool, limit)
    inside, go = threading.Event(), threading.Event()

    def linger(_: object) -> None:
        inside.set()
        go.wait(LIMIT)

    held.add_done_callback(linger)
    canceller = threading.Thread(target=held.cancel)
    canceller.start()
    assert inside.wait(LIMIT)
    assert pool.stop() == []
    go.set()
    canceller.join(LIMIT)
    assert pool.join(LIMIT)
    assert pool.statistics().cancelled == 1


def test_who_waits_for_a_held_future_hears_of_the_executors_cancel(limit: Limit) -> None:
    executor = ThreadPoolExecutor(2)
    futures = [executor.submit(Limiter(limit)(int)) for _ in range(3)]
    until(lambda: limit.held == 3)
    executor.shutdown(cancel_futures=True)
    assert len(wait_for_futures(futures, timeout=LIMIT).done) == 3


def test_a_full_queue_discards_the_oldest_wherever_it_waits(limit: Limit) -> None:
    gate, first = threading.Event(), threading.Event()
    with ThreadPool(1, max_queue=3, rejection="discard_oldest") as pool:
        busy(pool, first)
        oldest = pool.submit(int, submit_task_priority=50)
        held = pool.options(semaphore=limit, priority=0).submit(int)
        pool.submit(gate.wait, LIMIT)
        first.set()
        until(lambda: limit.held == 1)
        until(lambda: pool.num_queued_tasks == 2)  # the worker has taken what is held now, then the gate
        pool.submit(int)
        assert not oldest.done()
        for gone in (oldest, held):
            assert not gone.done()
            pool.submit(int)
            assert gone.cancelled()
        gate.set()


@pytest.mark.parametrize(("held_priority", "queued_priority", "gone"), [(50, 20, 0), (20, 50, 1), (20, 20, 1)])
def test_a_full_queue_discards_the_least_urgent_wherever_it_waits(
    limit: Limit, held_priority: int, queued_priority: int, gone: int
) -> None:
    gate = threading.Event()
    with ThreadPool(1, max_queue=2, rejection="discard_lowest") as pool:
        held = held_by(pool, limit, priority=held_priority)
        busy(pool, gate)
        tasks = [held, pool.submit(int, submit_task_priority=queued_priority)]
        pool.submit(int)
        assert [task.cancelled() for task in tasks] == [gone == 0, gone == 1]
        gate.set()
        limit.release()


def test_a_task_that_was_reprioritised_keeps_its_new_place_at_the_limit(limit: Limit) -> None:
    gate = threading.Event()
    log: list[int] = []
    with ThreadPool(1) as pool:
        busy(pool, gate)
        tasks = [pool.options(semaphore=limit, priority=number).submit(log.append, number) for number in (5, 6)]
        assert pool.taskQueue.reprioritise(tasks[1], 1)
        gate.set()
        until(lambda: limit.held == 2)
        limit.release()
    assert log == [6, 5]


class Caller:
    @Limiter(2)
    def call(self, value: int, plus: int = 0) -> int:
        return value + plus


def test_a_partial_of_a_limited_function_takes_no_worker(limit: Limit) -> None:
    partials = [
        functools.partial(Limiter(limit)(int), "3"),
        functools.partial(functools.partial(Limiter(limit)(lambda a, b: a + b), 1), b=2),
    ]
    with ThreadPool(1) as pool:
        tasks = [pool.submit(partial) for partial in partials]
        assert pool.submit(int, "5").result(LIMIT) == 5
        assert limit.held == 2
        limit.release()
        assert [task.result(LIMIT) for task in tasks] == [3, 3]
        assert pool.submit(functools.partial(Caller().call, plus=4), 3).result(LIMIT) == 7


def test_a_notification_that_fails_passes_its_slot_on(limit: Limit) -> None:
    # A coroutine whose loop is closed: nobody would use the slot.
    turns = [limit.enlist(lambda: 1 / 0) for _ in range(3)]
    with ThreadPool(1) as pool:
        task = held_by(pool, limit)
        limit.release()
        assert task.result(LIMIT) == 0
    assert all(turn is not None and turn.withdraw() for turn in turns)
    assert limit.free == 1
