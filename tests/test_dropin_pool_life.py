"""Drop-in ThreadPool: its threads, its states and its ends."""

import copy
import multiprocessing
import multiprocessing.pool
import os
import pickle
import threading
import weakref
from typing import Any

import pytest

from dropin_pools import SECONDS, each_pool, running
from windlass.dropin.pool import CLOSE, RUN, TERMINATE, ThreadPool


@each_pool
def test_threads_start_with_the_pool_as_daemons(kind: Any) -> None:
    with running(kind, 3) as pool:
        assert len(pool._pool) == pool._processes == 3
        assert all(
            isinstance(worker, threading.Thread) and worker.daemon and worker.is_alive() for worker in pool._pool
        )


@each_pool
def test_it_is_a_pool_to_isinstance(kind: Any) -> None:
    with running(kind) as pool:
        assert isinstance(pool, multiprocessing.pool.Pool)
        assert isinstance(pool, multiprocessing.pool.ThreadPool)


@each_pool
def test_default_size_is_the_number_of_cpus(kind: Any) -> None:
    with running(kind, None) as pool:
        assert len(pool._pool) == getattr(os, "process_cpu_count", os.cpu_count)()


@each_pool
@pytest.mark.parametrize("processes", [0, -1])
def test_size_must_be_positive(kind: Any, processes: int) -> None:
    with pytest.raises(ValueError, match="Number of processes must be at least 1"):
        kind(processes)


@each_pool
def test_initializer_must_be_callable(kind: Any) -> None:
    with pytest.raises(TypeError, match="initializer must be a callable"):
        kind(1, initializer=5)


@each_pool
def test_initializer_runs_once_on_each_thread(kind: Any) -> None:
    seen: list[Any] = []
    ready = threading.Barrier(3)
    local = threading.local()

    def initialize(*args: Any) -> None:
        seen.append(args)
        local.ready = True
        ready.wait(SECONDS)

    with running(kind, 2, initializer=initialize, initargs=iter([1, "a"]) if kind is ThreadPool else [1, "a"]) as pool:
        ready.wait(SECONDS)
        assert seen == [(1, "a")] * 2
        assert pool.apply(getattr, (local, "ready"))


@each_pool
def test_close_finishes_what_waits_and_takes_no_more(kind: Any) -> None:
    pool = kind(1)
    results = [pool.apply_async(int, (n,)) for n in range(20)]
    values = pool.imap(int, iter("345"))
    with pytest.raises(ValueError, match="Pool is still running"):
        pool.join()
    pool.close()
    calls = [
        lambda: pool.apply(int),
        lambda: pool.apply_async(int),
        lambda: pool.map(int, []),
        lambda: pool.map_async(int, []),
        lambda: pool.starmap(int, []),
        lambda: pool.imap(int, []),
        lambda: pool.imap_unordered(int, [], 2),
        pool.__enter__,
    ]
    for refused in calls:
        with pytest.raises(ValueError, match="Pool not running"):
            refused()
    pool.close()
    pool.join()
    pool.join()
    assert [result.get(0) for result in results] == list(range(20))
    assert list(values) == [3, 4, 5]


@each_pool
def test_with_terminates(kind: Any) -> None:
    with kind(1) as pool:
        assert pool.apply(int) == 0
        assert pool._state == RUN
    assert pool._state == TERMINATE
    with pytest.raises(ValueError, match="Pool not running"):
        pool.apply_async(int)
    with pytest.raises(ValueError, match="Pool not running"), pool:
        pass
    pool.join()


@each_pool
def test_terminate_does_not_wait_for_what_runs_and_join_does(kind: Any) -> None:
    go, started = threading.Event(), threading.Event()
    pool = kind(1)

    def work() -> None:
        started.set()
        assert go.wait(SECONDS)

    pool.apply_async(work)
    assert started.wait(SECONDS)
    dropped: list[int] = []
    pool.apply_async(dropped.append, (1,))
    workers = list(pool._pool)
    pool.terminate()
    assert workers[0].is_alive()
    go.set()
    pool.join()
    assert not workers[0].is_alive()
    assert dropped == []


@each_pool
def test_repr_tells_state_and_size(kind: Any) -> None:
    pool = kind(1)
    assert repr(pool) == f"<{kind.__module__}.ThreadPool state=RUN pool_size=1>"
    pool.close()
    assert pool._state == CLOSE
    assert "state=CLOSE" in repr(pool)
    pool.join()


def test_module_is_where_it_is_imported_from() -> None:
    assert ThreadPool.__module__ == "windlass.dropin.pool"


@each_pool
def test_pools_are_not_pickled(kind: Any) -> None:
    with running(kind) as pool:
        for refused in (pickle.dumps, copy.copy):
            with pytest.raises(NotImplementedError, match="cannot be passed between processes or pickled"):
                refused(pool)


@each_pool
def test_forced_state_is_honoured_by_the_finalizer(kind: Any) -> None:
    pool = kind(1)
    pool.terminate()
    pool.join()
    pool._state = RUN
    held = [pool]
    del pool
    with pytest.warns(ResourceWarning, match="unclosed running multiprocessing pool"):
        held.clear()


def test_dropped_pool_warns_finishes_its_work_and_lets_its_threads_go() -> None:
    go = threading.Event()
    pool = ThreadPool(1)
    (worker,) = pool._pool
    pool.apply_async(go.wait, (SECONDS,))
    result, values = pool.apply_async(int, ("7",)), pool.imap(int, iter("12"))
    gone = weakref.ref(pool)
    held = [pool]
    del pool
    with pytest.warns(ResourceWarning, match="unclosed running multiprocessing pool"):
        held.clear()
    assert gone() is None
    go.set()
    assert result.get(SECONDS) == 7
    assert list(values) == [1, 2]
    worker.join(SECONDS)
    assert not worker.is_alive()


def test_join_by_its_own_thread_is_refused() -> None:
    with running(processes=1) as pool:
        closing = threading.Event()

        def work() -> None:
            assert closing.wait(SECONDS)
            pool.join()

        result = pool.apply_async(work)
        pool.close()
        closing.set()
        with pytest.raises(RuntimeError, match="own threads"):
            result.get(SECONDS)


def test_a_thread_that_cannot_start_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(threading.enumerate())
    start = threading.Thread.start
    started: list[threading.Thread] = []

    def third_fails(thread: threading.Thread) -> None:
        if len(started) == 2:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", third_fails)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        ThreadPool(3)
    for thread in started:
        thread.join(SECONDS)
    assert set(threading.enumerate()) <= before
