"""The threads of a pool: started when needed, reused, named, added, removed, reaped when idle."""

import threading
from typing import Any

import pytest

from waiting import until
from windlass import ThreadPool

LIMIT = 10


def occupy(pool: ThreadPool, number: int) -> threading.Event:
    """Put ``number`` workers at a task each; return the event that ends them."""
    together, go = threading.Barrier(number + 1), threading.Event()
    for _ in range(number):
        pool.submit(lambda: (together.wait(LIMIT), go.wait(LIMIT)))
    together.wait(LIMIT)
    return go


def test_no_thread_before_it_is_needed() -> None:
    before = set(threading.enumerate())
    with ThreadPool(4) as pool:
        assert (pool.num_workers, pool.workers) == (0, [])
        assert set(threading.enumerate()) <= before


def test_idle_worker_is_reused() -> None:
    with ThreadPool(4) as pool:
        for _ in range(3):
            pool.submit(int).result(LIMIT)
            until(lambda: pool.inactive_workers == 1)
        assert pool.num_workers == 1


def test_each_blocking_task_gets_a_worker_up_to_the_most() -> None:
    with ThreadPool(3) as pool:
        go = occupy(pool, 3)
        waiting = pool.submit(int)
        assert (pool.num_workers, pool.active_workers, pool.num_queued_tasks) == (3, 3, 1)
        go.set()
        assert waiting.result(LIMIT) == 0
        assert pool.num_workers == 3


def test_map_of_blocking_tasks_starts_as_many_as_allowed() -> None:
    together = threading.Barrier(4)
    with ThreadPool(4) as pool:
        for task in pool.map(together.wait, [((LIMIT,), None)] * 4):
            task.result(LIMIT)


def test_workers_are_real_threads_with_names() -> None:
    with ThreadPool(2, thread_name_prefix="crank") as pool:
        go = occupy(pool, 2)
        workers = pool.workers
        assert {worker.name for worker in workers} == {"crank_0", "crank_1"}
        assert all(isinstance(worker, threading.Thread) for worker in workers)
        assert set(workers) <= set(threading.enumerate())
        assert len({worker.uuid for worker in workers}) == 2
        go.set()
        task = pool.submit(threading.current_thread)
        assert task.result(LIMIT) is task.worker
        assert task.worker in workers
    assert not any(worker.is_alive() for worker in workers)
    with ThreadPool(1, name="named") as pool:
        assert pool.submit(lambda: threading.current_thread().name).result(LIMIT) == "named_0"


@pytest.mark.parametrize("daemon", [False, True])
def test_daemon_flag_reaches_the_threads(daemon: bool) -> None:
    with ThreadPool(1, daemon=daemon) as pool:
        assert pool.daemon is daemon
        assert pool.submit(lambda: threading.current_thread().daemon).result(LIMIT) is daemon


def test_trace_and_profile_functions_reach_the_workers() -> None:
    seen: list[str] = []

    def marked() -> None:
        return None

    def trace(frame: Any, event: str, _: object) -> None:
        if frame.f_code is marked.__code__:
            seen.append(event)

    threading.setprofile(trace)
    try:
        with ThreadPool(1) as pool:
            pool.submit(marked).result(LIMIT)
    finally:
        threading.setprofile(None)
    assert seen == ["call", "return"]


def test_prepopulate_starts_them_at_once() -> None:
    with ThreadPool(4, prepopulate=2) as pool:
        assert pool.num_workers == len(pool.workers) == 2
    with ThreadPool(1, prepopulate=3) as pool:
        assert pool.num_workers == pool.max_workers == 3


def test_add_and_remove_worker() -> None:
    with ThreadPool(2) as pool:
        assert pool.add_worker()
        assert pool.add_worker()
        assert not pool.add_worker()
        assert pool.num_workers == 2
        until(lambda: pool.inactive_workers == 2)
        assert pool.remove_worker(timeout=LIMIT)
        until(lambda: pool.num_workers == len(pool.workers) == 1)
        assert pool.remove_worker(pool.workers[0], timeout=LIMIT)
        assert not pool.remove_worker(timeout=LIMIT)
        assert pool.submit(int).result(LIMIT) == 0


def test_remove_worker_waits_for_its_task_and_gives_up_in_time() -> None:
    with ThreadPool(1) as pool:
        go = occupy(pool, 1)
        assert not pool.remove_worker(timeout=0.01)
        assert pool.num_workers == 1
        go.set()  # the request stays in force
        until(lambda: pool.num_workers == 0)
        assert pool.submit(int).result(LIMIT) == 0
        assert not pool.remove_worker(threading.current_thread())  # type: ignore[arg-type]


def test_removing_the_last_worker_leaves_no_task_behind() -> None:
    with ThreadPool(1) as pool:
        go = occupy(pool, 1)
        waiting = [pool.submit(abs, number) for number in range(10)]
        assert not pool.remove_worker(timeout=0)
        go.set()
        assert [task.result(LIMIT) for task in waiting] == list(range(10))


def test_waiter_of_the_last_task_of_a_removed_worker_wakes() -> None:
    for _ in range(20):
        with ThreadPool(1) as pool:
            started, go = threading.Event(), threading.Event()
            task = pool.submit(lambda started=started, go=go: (started.set(), go.wait(LIMIT)))
            assert started.wait(LIMIT)
            assert not pool.remove_worker(timeout=0)
            waiter = threading.Thread(target=task.result, daemon=True)
            waiter.start()
            go.set()
            waiter.join(LIMIT)
            assert not waiter.is_alive()


def test_set_max_workers_grows_and_shrinks() -> None:
    with ThreadPool(1) as pool:
        together = threading.Barrier(3)
        tasks = [pool.submit(together.wait, LIMIT) for _ in range(3)]
        assert pool.num_workers == 1
        assert pool.set_max_workers(3) == 3
        for task in tasks:
            task.result(LIMIT)
        until(lambda: pool.inactive_workers == 3)
        assert pool.set_max_workers(1) == 1
        until(lambda: pool.num_workers == 1)
        assert (pool.max_workers, pool.maxWorkers) == (1, 1)
        assert pool.submit(int).result(LIMIT) == 0


def test_setup_workers_raises_the_most_if_needed() -> None:
    with ThreadPool(1) as pool:
        assert pool.setup_workers(3)
        assert pool.num_workers == pool.max_workers == 3
        assert not pool.setup_workers(1)
        assert not pool.setup_workers(0)


def test_idle_workers_above_the_least_leave() -> None:
    with ThreadPool(4, min_workers=1, idle_timeout=0.02) as pool:
        go = occupy(pool, 4)
        go.set()
        until(lambda: pool.num_workers == 1)
        threading.Event().wait(0.1)
        assert pool.num_workers == 1
        assert pool.submit(int).result(LIMIT) == 0
    with ThreadPool(2, idle_timeout=0) as pool:
        for _ in range(200):  # the submit meets workers that are about to leave
            assert pool.submit(int).result(LIMIT) == 0
        until(lambda: pool.num_workers == 0)
        until(lambda: not pool.workers)


@pytest.mark.parametrize("keep", [{"idle_timeout": None}, {"idle_timeout": 0.001, "workerAutoKill": False}])
def test_idle_workers_may_stay_for_ever(keep: dict[str, Any]) -> None:
    with ThreadPool(2, **keep) as pool:
        occupy(pool, 2).set()
        until(lambda: pool.inactive_workers == 2)
        threading.Event().wait(0.05)
        assert pool.num_workers == 2


def test_names_of_the_older_library_are_accepted() -> None:
    with ThreadPool(maxWorkers=3) as pool:
        assert pool.max_workers == pool.maxWorkers == 3
    with ThreadPool() as pool:
        assert 1 <= pool.max_workers <= 32


@pytest.mark.stress
def test_resize_under_load_loses_nothing() -> None:
    with ThreadPool(4) as pool:
        tasks = []
        for turn in range(60):
            tasks += [pool.submit(abs, number) for number in range(50)]
            pool.set_max_workers(turn % 5 + 1)
            if turn % 7 == 0:
                pool.remove_worker(timeout=0)
        assert [task.result(LIMIT) for task in tasks] == list(range(50)) * 60


def test_dropped_pool_finishes_its_work_and_its_threads_end() -> None:
    pool, ran = ThreadPool(1), []
    go = occupy(pool, 1)
    workers = pool.workers
    for number in range(20):
        pool.submit(ran.append, number)
    del pool
    go.set()
    workers[0].join(LIMIT)
    assert not workers[0].is_alive()
    assert ran == list(range(20))
