"""Threads and tasks under one limit: each gets its turn, and a task that cannot start stands in nobody's way."""

import threading
from typing import Any

import pytest

from limited_calls import Crowd
from waiting import start, until
from windlass import Limit, Limiter, Threaded, ThreadPool

LIMIT = 10


class Hogs:
    """Threads that take a slot as soon as they have given one back."""

    def __init__(self, limit: Limit, number: int) -> None:
        self.over, self.crowd = threading.Event(), Crowd()
        self._limit = limit
        self._threads = [threading.Thread(target=self._take, daemon=True) for _ in range(number)]
        for thread in self._threads:
            thread.start()
        until(lambda: self.crowd.calls >= number)

    def _take(self) -> None:
        while not self.over.is_set():
            with self._limit:
                self.crowd.call(0)

    def end(self) -> None:
        self.over.set()
        for thread in self._threads:
            thread.join(LIMIT)
            assert not thread.is_alive()


@pytest.fixture(params=[1, 3])
def number(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.mark.stress
def test_tasks_come_in_where_threads_want_the_limit_all_the_time(number: int) -> None:
    limit = Limit(1)
    with ThreadPool(2, prepopulate=2) as pool:
        hogs = Hogs(limit, number)
        try:
            tasks = [pool.options(semaphore=limit).submit(hogs.crowd.call, value) for value in range(50)]
            before = hogs.crowd.calls
            assert [task.result(LIMIT) for task in tasks] == list(range(50))
            until(lambda: hogs.crowd.calls > before + 50)  # and the threads have not been kept out for that
        finally:
            hogs.end()
        assert pool.wait_completion(LIMIT)
        assert (pool.unfinished_tasks, pool.num_queued_tasks, pool.num_active_tasks) == (0, 0, 0)
    assert hogs.crowd.most == 1
    assert (limit.free, limit.held, limit.waiting) == (1, 0, 0)


@pytest.mark.stress
def test_threads_come_in_where_tasks_want_the_limit_all_the_time(limit: Limit) -> None:
    ran: list[Any] = []
    limited = Limiter(limit)(ran.append)
    threaded = Threaded(limited)
    tasks = [threaded(value) for value in range(500)]
    until(lambda: limit.held == 500)
    thread = start(lambda: limited("thread"))
    until(lambda: limit.waiting == 1)
    limit.release()
    thread.result(LIMIT)
    assert [task.result(LIMIT) for task in tasks] == [None] * 500
    assert ran.index("thread") <= 1  # it did not have to wait for them all: they take turns
    ran.remove("thread")
    assert sorted(ran) == list(range(500))


def test_a_task_that_is_given_to_a_sleeping_worker_is_as_good_as_started() -> None:
    limit, gate = Limit(1), threading.Event()
    with ThreadPool(1, max_queue=1) as pool:
        limit.acquire()
        held = pool.options(semaphore=limit).submit(gate.wait, LIMIT)
        until(lambda: limit.held == 1)
        until(lambda: pool.inactive_workers == 1)
        submitted = threading.Thread(target=pool.submit, args=(int,))  # waits for room
        submitted.start()
        limit.release()
        assert not limit.acquire(blocking=False)  # the slot is the task's, before its worker has woken
        assert not held.cancel()
        submitted.join(LIMIT)
        assert not submitted.is_alive()
        assert (pool.num_active_tasks, pool.num_queued_tasks) == (1, 1)
        gate.set()
        assert pool.wait_completion(LIMIT)
    assert limit.free == 1


def test_another_task_does_not_wait_behind_one_that_is_given() -> None:
    # The worker that is woken for the first does not look for the second: another one has to be started for it.
    limit, gate = Limit(1), threading.Event()
    with ThreadPool(2) as pool:
        limit.acquire()
        held = pool.options(semaphore=limit).submit(gate.wait, LIMIT)
        until(lambda: limit.held == 1)
        until(lambda: pool.inactive_workers == pool.num_workers == 1)
        limit.release()
        pool.submit(gate.set).result(LIMIT)
        assert held.result(LIMIT)


def test_a_closed_pool_starts_what_is_given_and_ends() -> None:
    for _ in range(20):
        limit = Limit(1)
        limit.acquire()
        pool = ThreadPool(2, prepopulate=2)
        held = pool.options(semaphore=limit).submit(int, "3")
        until(lambda limit=limit: limit.held == 1)
        pool.close()
        limit.release()
        assert held.result(LIMIT) == 3
        assert pool.join(LIMIT)
