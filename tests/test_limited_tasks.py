"""Tasks with a Limit: they wait without a worker, in order, and every end hands its slot on."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from limited_calls import Crowd
from waiting import until
from windlass import Limit, Task, TaskCancelled, ThreadPool, WaitTimeout, as_completed

LIMIT = 10


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def held_up(pool: ThreadPool, limit: Limit, gate: threading.Event) -> Task[Any]:
    """Fill a slot with a task that waits for the gate; return it, running."""
    task = pool.options(semaphore=limit).submit(gate.wait, LIMIT)
    until(task.running)
    return task


def test_never_more_run_than_there_are_slots() -> None:
    limit, crowd = Limit(2), Crowd(meet=2)
    with ThreadPool(8) as pool:
        tasks = [pool.options(semaphore=limit).submit(crowd.call, index) for index in range(300)]
        assert [task.result(LIMIT) for task in tasks] == list(range(300))
    assert (crowd.most, crowd.calls) == (2, 300)
    assert (limit.free, limit.held) == (2, 0)


def test_a_task_that_waits_for_a_slot_takes_no_worker(gate: threading.Event) -> None:
    limit = Limit(1)
    with ThreadPool(2) as pool:
        held_up(pool, limit, gate)
        tasks = [pool.options(semaphore=limit).submit(int) for _ in range(20)]
        assert pool.submit(int, "7").result(LIMIT) == 7  # by the second worker, although 20 came before it
        until(lambda: limit.held == 20)
        assert all(task.state == "PENDING" for task in tasks)
        until(lambda: (pool.num_queued_tasks, pool.num_active_tasks, pool.unfinished_tasks) == (20, 1, 21))
        assert (pool.statistics().queued, pool.statistics().running) == (20, 1)
        assert not pool.wait_completion(0.01)
        gate.set()
        assert pool.wait_completion(LIMIT)
        assert (pool.num_queued_tasks, pool.unfinished_tasks, pool.statistics().done) == (0, 0, 22)


def test_held_tasks_run_by_priority_then_in_order(gate: threading.Event) -> None:
    limit = Limit(1)
    log: list[tuple[int, int]] = []
    with ThreadPool(4) as pool:
        held_up(pool, limit, gate)
        for number in range(40):
            priority = number * 7 % 4
            pool.options(semaphore=limit, priority=priority).submit(log.append, (priority, number))
        until(lambda: limit.held == 40)
        gate.set()
        assert pool.wait_completion(LIMIT)
    assert log == sorted(log)
    assert len(log) == 40


def test_held_tasks_of_two_pools_run_in_one_order(gate: threading.Event) -> None:
    limit = Limit(1)
    log: list[int] = []
    with ThreadPool(2) as one, ThreadPool(2) as other:
        held_up(one, limit, gate)
        for number in range(20):
            pool = (one, other)[number % 2]
            pool.options(semaphore=limit).submit(log.append, number)
            until(lambda held=number + 1: limit.held == held)
        gate.set()
        assert one.wait_completion(LIMIT)
        assert other.wait_completion(LIMIT)
    assert log == list(range(20))


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt, GeneratorExit])
def test_a_call_that_raises_gives_its_slot_up(error: type[BaseException], workers: int) -> None:
    limit = Limit(1)

    def fail() -> None:
        raise error

    with ThreadPool(workers) as pool:
        tasks = [pool.options(semaphore=limit).submit(fail) for _ in range(20)]
        assert {type(task.exception(LIMIT)) for task in tasks} == {error}
    assert limit.free == 1


def test_a_cancelled_task_leaves_the_line(gate: threading.Event) -> None:
    limit = Limit(1)
    with ThreadPool(2) as pool:
        held_up(pool, limit, gate)
        tasks = [pool.options(semaphore=limit).submit(int) for _ in range(200)]
        until(lambda: limit.held == 200)
        assert all(task.cancel() for task in tasks[::2])
        assert (limit.held, pool.num_queued_tasks, pool.statistics().cancelled) == (100, 100, 100)
        gate.set()
        assert pool.wait_completion(LIMIT)
        assert all(task.cancelled() for task in tasks[::2])
        assert all(task.result(LIMIT) == 0 for task in tasks[1::2])
    assert (limit.free, limit.held) == (1, 0)


def test_a_called_task_that_is_cancelled_calls_the_next(gate: threading.Event) -> None:
    # The pool's only worker is busy, so a task that is called cannot start.
    limit = Limit(1)
    with ThreadPool(1) as busy, ThreadPool(1) as other:
        first = busy.options(semaphore=limit).submit(int)
        first.result(LIMIT)
        limit.acquire()
        held = [busy.options(semaphore=limit).submit(int) for _ in range(2)]
        until(lambda: limit.held == 2)
        blocker = busy.submit(gate.wait, LIMIT)
        until(blocker.running)
        last = other.options(semaphore=limit).submit(int)
        until(lambda: limit.held == 3)
        limit.release()
        assert limit.held == 2  # the first is called, and waits in the queue of the busy pool
        assert held[0].cancel()
        assert held[1].cancel()
        assert last.result(LIMIT) == 0
        gate.set()
    assert limit.free == 1


def test_a_thread_that_can_go_on_does_not_wait_for_a_task_that_cannot(gate: threading.Event) -> None:
    limit = Limit(1)
    with ThreadPool(1) as busy:
        limit.acquire()
        called = busy.options(semaphore=limit).submit(int)
        until(lambda: limit.held == 1)
        blocker = busy.submit(gate.wait, LIMIT)
        until(blocker.running)
        limit.release()
        assert limit.acquire(timeout=LIMIT)  # the slot is meant for the task, whose pool is busy
        gate.set()
        until(lambda: limit.held == 1)  # it came to its worker, found no slot, and is held once more
        assert called.state == "PENDING"
        limit.release()
        assert called.result(LIMIT) == 0


def test_a_worker_helps_with_a_held_task_of_its_pool() -> None:
    limit, crowd = Limit(1), Crowd()
    with ThreadPool(1) as pool:
        limited = pool.options(semaphore=limit)

        def outer() -> list[int]:
            tasks = [limited.submit(crowd.call, index) for index in range(5)]
            return [tasks[0].result(LIMIT), *sorted(task.result(LIMIT) for task in as_completed(tasks[1:], LIMIT))]

        assert pool.submit(outer).result(LIMIT) == [0, 1, 2, 3, 4]
    assert crowd.most == 1
    assert limit.free == 1


def test_a_worker_that_helps_waits_for_the_slot(gate: threading.Event) -> None:
    limit = Limit(1)
    limit.acquire()
    with ThreadPool(1) as pool:
        task = pool.submit(lambda: pool.options(semaphore=limit).submit(int, "5").result(LIMIT))
        until(lambda: limit.waiting == 1)
        limit.release()
        assert task.result(LIMIT) == 5
    assert limit.free == 1


def test_a_task_called_by_hand_waits_on_its_thread() -> None:
    limit = Limit(1)
    task = Task(int, ("3",), semaphore=limit)
    assert task() == 3
    assert limit.free == 1
    assert task.semaphore is limit


def test_the_deadline_counts_while_a_task_is_held(gate: threading.Event) -> None:
    limit = Limit(1)
    with ThreadPool(2) as pool:
        held_up(pool, limit, gate)
        late = pool.options(semaphore=limit, deadline=time.monotonic()).submit(int)
        until(lambda: limit.held == 1)
        gate.set()
        with pytest.raises(WaitTimeout, match="deadline"):
            late.result(LIMIT)
    assert limit.free == 1


def test_set_result_on_a_held_task(gate: threading.Event) -> None:
    limit = Limit(1)
    with ThreadPool(2) as pool:
        held_up(pool, limit, gate)
        task = pool.options(semaphore=limit).submit(int)
        until(lambda: limit.held == 1)
        task.set_result(9)
        assert (limit.held, pool.num_queued_tasks) == (0, 0)
        gate.set()
        assert task.result(LIMIT) == 9
    assert limit.free == 1


def test_an_entered_context_gives_the_slot_up_too() -> None:
    import contextvars

    limit, context = Limit(1), contextvars.copy_context()
    with ThreadPool(1) as pool:
        task = pool.options(semaphore=limit, context=context)
        with pytest.raises(RuntimeError, match="already entered"):
            context.run(lambda: task.submit(int).result(LIMIT))
    assert limit.free == 1


def test_any_other_semaphore_is_held_on_the_worker() -> None:
    crowd, semaphore = Crowd(meet=2), threading.Semaphore(2)
    with ThreadPool(4) as pool:
        tasks = [pool.options(semaphore=semaphore).submit(crowd.call, index) for index in range(50)]
        assert [task.result(LIMIT) for task in tasks] == list(range(50))
    assert crowd.most == 2


def test_cancel_of_a_held_task_raises_in_its_waiters(gate: threading.Event) -> None:
    limit = Limit(1)
    with ThreadPool(2) as pool:
        held_up(pool, limit, gate)
        task = pool.options(semaphore=limit).submit(int)
        until(lambda: limit.held == 1)
        assert task.cancel()
        with pytest.raises(TaskCancelled):
            task.result(LIMIT)
        gate.set()
