"""Pools with tasks that wait at a limit: bounded queues, every kind of end, forks, the collector."""

import gc
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable

import pytest

from forking import status_of_child
from limited_calls import Crowd
from waiting import until
from windlass import BrokenPool, Limit, PoolFull, ThreadPool

LIMIT = 10


def test_held_tasks_count_in_a_bounded_queue(limit: Limit) -> None:
    with ThreadPool(2, max_queue=3, rejection="reject") as pool:
        limited = pool.options(semaphore=limit)
        for number in range(1, 4):
            limited.submit(int)
            until(lambda number=number: limit.held == number)
        with pytest.raises(PoolFull):
            limited.submit(int)
        limit.release()
        assert pool.wait_completion(LIMIT)
        assert limited.submit(int).result(LIMIT) == 0


def test_a_cancel_of_a_held_task_makes_room(limit: Limit) -> None:
    with ThreadPool(2, max_queue=1) as pool:
        held = pool.options(semaphore=limit).submit(int)
        until(lambda: limit.held == 1)
        submitted = threading.Thread(target=pool.submit, args=(int,))
        submitted.start()
        assert held.cancel()
        submitted.join(LIMIT)
        assert not submitted.is_alive()


def test_a_full_queue_discards_the_oldest_held_task(limit: Limit) -> None:
    with ThreadPool(2, max_queue=2, rejection="discard_oldest") as pool:
        limited = pool.options(semaphore=limit)
        tasks = []
        for _ in range(4):
            tasks.append(limited.submit(int))
            until(lambda: limit.held == min(len(tasks), 2))
        assert [task.cancelled() for task in tasks] == [True, True, False, False]
        limit.release()


def test_a_full_queue_discards_the_least_urgent_held_task(limit: Limit) -> None:
    with ThreadPool(2, max_queue=2, rejection="discard_lowest") as pool:
        tasks = []
        for priority in (5, 9, 7, 8):
            tasks.append(pool.options(semaphore=limit, priority=priority).submit(int))
            until(lambda: limit.held == min(len(tasks), 2))
        assert [task.cancelled() for task in tasks] == [False, True, False, True]
        limit.release()


def finish_by_shutdown(pool: ThreadPool) -> None:
    assert pool.shutdown(timeout=LIMIT)


def finish_by_join(pool: ThreadPool) -> None:
    assert pool.join(LIMIT)


def finish_by_close(pool: ThreadPool) -> None:
    pool.close()
    assert pool.join(LIMIT)


@pytest.mark.parametrize("finish", [finish_by_shutdown, finish_by_join, finish_by_close])
@pytest.mark.parametrize("idle_timeout", [None, 0.01])
def test_an_end_that_finishes_work_finishes_held_tasks(
    limit: Limit, finish: Callable[[ThreadPool], None], idle_timeout: float | None
) -> None:
    pool = ThreadPool(4, idle_timeout=idle_timeout)
    tasks = [pool.options(semaphore=limit).submit(int, "4") for _ in range(10)]
    until(lambda: limit.held == 10)
    if idle_timeout is not None:
        until(lambda: pool.num_workers == 0)
    finishing = threading.Thread(target=finish, args=(pool,))
    finishing.start()
    until(lambda: pool.state == "STOPPING")
    limit.release()
    finishing.join(LIMIT)
    assert not finishing.is_alive()
    assert [task.result(0) for task in tasks] == [4] * 10
    assert pool.state == "STOPPED"


def test_idle_workers_end_when_the_last_held_task_is_cancelled(limit: Limit) -> None:
    pool = ThreadPool(4, prepopulate=4, idle_timeout=None)
    held = pool.options(semaphore=limit).submit(int)
    until(lambda: limit.held == 1)
    pool.close()
    assert held.cancel()
    assert pool.join(LIMIT)


def test_stop_cancels_held_tasks(limit: Limit) -> None:
    pool = ThreadPool(2)
    tasks = [pool.options(semaphore=limit).submit(int) for _ in range(100)]
    until(lambda: limit.held == 100)
    stopped = pool.stop()
    assert {id(task) for task in stopped} == {id(task) for task in tasks}
    assert all(task.cancelled() for task in tasks)
    assert (limit.held, pool.num_queued_tasks, pool.unfinished_tasks) == (0, 0, 0)
    assert pool.join(LIMIT)


def test_a_broken_pool_fails_held_tasks_once(limit: Limit) -> None:
    broken = threading.Event()

    def initializer() -> None:
        if broken.is_set():
            raise ValueError

    pool = ThreadPool(2, initializer=initializer)
    tasks = [pool.options(semaphore=limit).submit(int) for _ in range(3)]
    until(lambda: limit.held == 3)
    broken.set()
    assert pool.setup_workers(3)
    for task in tasks:
        assert isinstance(task.exception(LIMIT), BrokenPool)
    until(lambda: pool.unfinished_tasks == 0)
    assert (limit.held, pool.num_queued_tasks, pool.num_active_tasks) == (0, 0, 0)
    assert pool.statistics().failed == 3
    assert pool.join(LIMIT)


def test_a_dropped_pool_finishes_held_tasks(limit: Limit) -> None:
    pool = ThreadPool(2)
    task = pool.options(semaphore=limit).submit(int, "6")
    until(lambda: limit.held == 1)
    gone = weakref.ref(pool)
    del pool
    gc.collect()
    assert gone() is None
    limit.release()
    assert task.result(LIMIT) == 6


def test_a_held_task_keeps_neither_pool_nor_arguments_alive_after_its_cancel(limit: Limit) -> None:
    class Argument:
        pass

    pool = ThreadPool(1)
    argument = Argument()
    gone = weakref.ref(argument)
    task = pool.options(semaphore=limit).submit(id, argument)
    until(lambda: limit.held == 1)
    del argument
    task.cancel()
    gc.collect()
    assert gone() is None
    assert pool.shutdown(timeout=LIMIT)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_has_neither_held_tasks_nor_taken_slots(limit: Limit) -> None:
    with ThreadPool(2) as pool:
        tasks = [pool.options(semaphore=limit).submit(os.getpid) for _ in range(5)]
        until(lambda: limit.held == 5)

        def child() -> None:
            assert all(task.cancelled() for task in tasks)
            assert (limit.held, limit.free, pool.num_queued_tasks, pool.unfinished_tasks) == (0, 1, 0, 0)
            crowd = Crowd()
            again = [pool.options(semaphore=limit).submit(crowd.call, index) for index in range(20)]
            assert [task.result(5) for task in again] == list(range(20))
            assert crowd.most == 1
            assert pool.shutdown(timeout=5)

        assert status_of_child(child) == 0
        limit.release()
        assert [task.result(LIMIT) for task in tasks] == [os.getpid()] * 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_fork_inside_a_limited_task() -> None:
    limit = Limit(1)
    with ThreadPool(2) as pool:

        def fork() -> int:
            def child() -> None:
                assert pool.options(semaphore=limit).submit(int, "3").result(5) == 3
                assert limit.free == 1

            return status_of_child(child)

        assert pool.options(semaphore=limit).submit(fork).result(LIMIT) == 0
        assert limit.free == 1


EXIT = """
import os, threading
from windlass import Limit, ThreadPool
limit = Limit(1)
pools = [ThreadPool(2), ThreadPool(2, idle_timeout=0.001)]
release = threading.Event()
first = pools[0].options(semaphore=limit).submit(release.wait)
for number in range(10):
    pools[number % 2].options(semaphore=limit).submit(os.write, 1, b".")
while limit.held < 10: pass
threading.Timer(0.2, release.set).start()
"""


@pytest.mark.slow
def test_the_interpreters_exit_finishes_held_tasks() -> None:
    done = subprocess.run([sys.executable, "-X", "dev", "-c", EXIT], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"." * 10, b"")
