"""Pools that nobody shuts down: their work is finished and their threads end."""

import gc
import threading
import time
import weakref

from windlass import Task, ThreadPool


def ended(threads: list[threading.Thread], limit: float = 10.0) -> bool:
    """Whether all of ``threads`` end in time."""
    end = time.monotonic() + limit
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return not any(thread.is_alive() for thread in threads)


def test_dropped_pool_finishes_its_work_and_its_threads_end() -> None:
    pool = ThreadPool(2)
    gate = threading.Event()
    tasks = [pool.submit(gate.wait, 10) for _ in range(2)] + [pool.submit(int, "1") for _ in range(50)]
    threads: list[threading.Thread] = list(pool.workers)
    assert len(threads) == 2
    dead = weakref.ref(pool)
    del pool
    assert dead() is None, "a running task keeps its pool alive"
    gate.set()
    assert all(task.result(10) == 1 for task in tasks)
    assert ended(threads)


def test_dropped_idle_pool_ends_its_threads() -> None:
    pool = ThreadPool(3, prepopulate=3, idle_timeout=None)
    threads: list[threading.Thread] = list(pool.workers)
    assert pool.submit(int).result(10) == 0
    assert len(threads) == 3
    del pool
    assert ended(threads)


def test_dropped_pool_whose_tasks_no_worker_was_started_for() -> None:
    pool = ThreadPool(2)
    task = pool.submit(int, "7", submit_task_autospawn=False)
    assert pool.num_workers == 0
    del pool
    assert task.result(10) == 7


def test_pool_in_a_cycle_is_collected_and_finishes() -> None:
    class Owner:
        pool: ThreadPool

        def work(self) -> str:
            return "done"

    owner = Owner()
    owner.pool = ThreadPool(1)
    dead = weakref.ref(owner.pool)
    task = owner.pool.submit(owner.work)
    threads: list[threading.Thread] = list(owner.pool.workers)
    assert task.result(10) == "done"
    del owner
    gc.collect()
    assert dead() is None
    assert ended(threads)


def test_pool_whose_queued_task_holds_it() -> None:
    pool = ThreadPool(1)
    gate = threading.Event()
    first = pool.submit(gate.wait, 10)
    own: Task[bool] = pool.submit(lambda kept: isinstance(kept, ThreadPool), pool)
    threads: list[threading.Thread] = list(pool.workers)
    del pool
    gc.collect()
    gate.set()
    assert first.result(10)
    assert own.result(10)
    del first, own
    gc.collect()
    assert ended(threads)


def test_two_hundred_dropped_pools_leave_no_thread() -> None:
    before = set(threading.enumerate())
    tasks = [ThreadPool(2).submit(int, number) for number in range(200)]
    assert [task.result(10) for task in tasks] == list(range(200))
    assert ended([thread for thread in threading.enumerate() if thread not in before])
