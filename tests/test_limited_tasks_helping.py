"""Workers that wait for tasks of their own pool which wait for a limit: they help, and keep to their time limits."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from limited_calls import Crowd
from waiting import until
from windlass import FIRST_COMPLETED, Limit, Limiter, Task, TaskCancelled, ThreadPool, WaitTimeout, as_completed, wait

LIMIT = 10
SHORT = 0.02


def submit_limited(pool: ThreadPool, limit: Limit) -> Task[int]:
    return pool.options(semaphore=limit).submit(int, "5")


def submit_lifted(pool: ThreadPool, limit: Limit) -> Task[int]:
    return pool.submit(Limiter(limit)(int), "5")


each_way = pytest.mark.parametrize("submit", [submit_limited, submit_lifted])


@each_way
def test_a_time_limit_ends_the_wait_for_the_slot_too(
    submit: Callable[[ThreadPool, Limit], Task[int]], limit: Limit
) -> None:
    with ThreadPool(1) as pool:

        def outer() -> Task[int]:
            task = submit(pool, limit)
            with pytest.raises(WaitTimeout):
                task.result(SHORT)
            assert not task.wait(SHORT)
            assert not wait([task], SHORT).done
            assert not wait([task, submit(pool, limit)], SHORT, FIRST_COMPLETED).done
            with pytest.raises(WaitTimeout):
                list(as_completed([task], SHORT))
            assert (task.state, limit.waiting) == ("PENDING", 0)
            return task

        task = pool.submit(outer).result(LIMIT)
        limit.release()
        assert task.result(LIMIT) == 5
    assert limit.free == 1


@each_way
def test_the_slot_comes_in_time(submit: Callable[[ThreadPool, Limit], Task[int]], limit: Limit) -> None:
    with ThreadPool(1) as pool:
        outer = pool.submit(lambda: submit(pool, limit).result(LIMIT))
        until(lambda: limit.waiting == 1)
        limit.release()
        assert outer.result(LIMIT) == 5
        assert pool.wait_completion(LIMIT)
        assert (pool.unfinished_tasks, pool.num_queued_tasks, pool.num_active_tasks) == (0, 0, 0)
    assert limit.free == 1


def test_a_task_that_is_waited_for_can_still_be_cancelled(limit: Limit) -> None:
    with ThreadPool(1) as pool:
        inner: list[Task[int]] = []

        def outer() -> None:
            inner.append(submit_limited(pool, limit))
            with pytest.raises(TaskCancelled):
                inner[0].result(LIMIT)

        task = pool.submit(outer)
        until(lambda: limit.waiting == 1)
        assert inner[0].cancel()
        task.result(LIMIT)
    assert limit.waiting == 0


def test_a_task_that_is_waited_for_can_still_run_elsewhere(limit: Limit) -> None:
    with ThreadPool(1) as pool:
        inner: list[Task[int]] = []

        def outer() -> int:
            inner.append(submit_limited(pool, limit))
            return inner[0].result(LIMIT)

        task = pool.submit(outer)
        until(lambda: limit.waiting == 1)
        inner[0].set_result(7)
        assert task.result(LIMIT) == 7
    assert limit.waiting == 0


def test_who_waits_for_a_first_end_helps_where_no_slot_is_needed() -> None:
    # The outer task has the only slot until it hears of a first end: of a limited task there will be none.
    limit = Limit(1)
    with ThreadPool(1) as pool:
        for _ in range(10):

            def outer() -> list[int]:
                tasks = [submit_limited(pool, limit) for _ in range(5)]
                tasks.insert(2, pool.submit(int, "3"))
                return [task.result(0) for task in wait(tasks, return_when=FIRST_COMPLETED).done]

            assert pool.options(semaphore=limit).submit(outer).result(LIMIT) == [3]
        assert pool.wait_completion(LIMIT)
    assert limit.free == 1


def test_who_waits_for_a_slot_counts_as_waiting() -> None:
    # One worker waits for the slot of a task that waits on the other for a first end, which only they can bring about.
    limit, gate = Limit(1), threading.Event()
    with ThreadPool(2) as pool:

        def inside() -> int:
            assert gate.wait(LIMIT)
            done = wait([pool.submit(int, "1"), pool.submit(int, "1")], return_when=FIRST_COMPLETED).done
            return done.pop().result(0)

        first = pool.options(semaphore=limit).submit(inside)
        until(first.running)
        second = pool.submit(lambda: submit_limited(pool, limit).result(LIMIT))
        until(lambda: limit.waiting == 1)
        gate.set()
        assert (first.result(LIMIT), second.result(LIMIT)) == (1, 5)


@pytest.mark.stress
@pytest.mark.parametrize("slots", [1, 2])
def test_waits_of_every_kind_on_few_workers(slots: int) -> None:
    limit, crowd = Limit(slots), Crowd()
    with ThreadPool(2) as pool:

        def outer(number: int) -> int:
            tasks: list[Task[Any]] = [pool.options(semaphore=limit).submit(crowd.call, value) for value in range(4)]
            tasks += [pool.submit(Limiter(limit)(crowd.call), 4), pool.submit(int, "5")]
            if number % 3 == 0:
                wait(tasks, LIMIT)
            elif number % 3 == 1:
                for task in as_completed(tasks, LIMIT):
                    task.wait(0.0001)
            else:
                while not all(task.wait(0.0002) for task in tasks):
                    pass
            return sum(task.result(LIMIT) for task in tasks)

        assert [task.result(30) for task in pool.submit_many(outer, range(30))] == [15] * 30
        assert pool.wait_completion(LIMIT)
        assert (pool.unfinished_tasks, pool.num_queued_tasks, pool.num_active_tasks) == (0, 0, 0)
    assert crowd.most <= slots
    assert (limit.free, limit.held, limit.waiting) == (slots, 0, 0)
