"""Drop-in process Pool: construction, calls, results, names, beside the standard class."""

import multiprocessing
import multiprocessing.pool
import os
import threading
from collections.abc import Iterator
from multiprocessing.pool import RemoteTraceback  # type: ignore[attr-defined]
from typing import Any

import pytest

from dropin_calls import (
    echo,
    keep,
    kept,
    kind_of_process,
    pid,
    raise_it,
    square,
    use_kept_lock,
    wait_for_kept,
)
from dropin_pools import istarmap
from dropin_processes import FORK, SECONDS, each_method, each_pool, running
from windlass.dropin import pool as dropin
from windlass.dropin.pool import Pool, ThreadPool


@each_pool
def test_bad_arguments(kind: Any) -> None:
    for processes in (0, -1):
        with pytest.raises(ValueError, match="Number of processes must be at least 1"):
            kind(processes)
    with pytest.raises(TypeError, match="initializer must be a callable"):
        kind(1, 5)
    for tasks in (0, -1, 0.5, "12"):
        with pytest.raises(ValueError, match="maxtasksperchild must be a positive int or None"):
            kind(1, maxtasksperchild=tasks)


def test_it_is_the_standard_pool_by_type() -> None:
    assert issubclass(Pool, multiprocessing.pool.Pool)
    assert issubclass(ThreadPool, Pool)
    assert issubclass(ThreadPool, multiprocessing.pool.ThreadPool)
    assert dropin.Pool is Pool
    with running() as pool:
        assert isinstance(pool, multiprocessing.pool.Pool)
        assert repr(pool) == "<windlass.dropin.pool.Pool state=RUN pool_size=2>"


@each_pool
def test_every_way_to_call(kind: Any) -> None:
    with running(kind) as pool:
        assert pool.apply(echo, (1,), {"func": 2}) == ((1,), {"func": 2})
        assert pool.apply_async(square, [3]).get(SECONDS) == 9
        assert pool.map(square, range(20)) == [n * n for n in range(20)]
        assert pool.map(square, (n for n in range(5)), 2) == [0, 1, 4, 9, 16]
        assert pool.map(square, []) == []
        assert pool.starmap(pow, [(2, 3), (3, 2)]) == [8, 9]
        assert pool.starmap_async(pow, [(2, 3)], 1).get(SECONDS) == [8]
        for chunksize in (1, 7):
            assert list(pool.imap(square, range(20), chunksize)) == [n * n for n in range(20)]
            assert sorted(pool.imap_unordered(square, iter(range(20)), chunksize)) == [n * n for n in range(20)]


@each_pool
def test_exceptions_bring_their_remote_traceback(kind: Any) -> None:
    with running(kind) as pool:
        for call in (
            lambda: pool.apply(raise_it, (KeyError(1),)),
            lambda: pool.map(raise_it, [KeyError(1)]),
            lambda: next(pool.imap(raise_it, [KeyError(1)])),
        ):
            with pytest.raises(KeyError) as caught:
                call()
            assert type(caught.value.__cause__) is RemoteTraceback
            assert "the line that a remote traceback shows" in str(caught.value.__cause__)


@each_pool
def test_an_error_of_the_input_stays_here(kind: Any) -> None:
    def numbers() -> Iterator[int]:
        yield 1
        raise LookupError("no more")

    with running(kind) as pool:
        with pytest.raises(LookupError) as caught:
            pool.map(square, numbers())
        assert caught.value.__cause__ is None
        values = pool.imap(square, numbers())
        assert next(values) == 1
        with pytest.raises(LookupError) as caught:
            next(values)
        assert caught.value.__cause__ is None
        assert pool.apply(square, (2,)) == 4


def test_an_input_that_raises_though_it_has_a_length() -> None:
    # The standard class waits for ever.
    class Numbers:
        def __len__(self) -> int:
            return 3

        def __iter__(self) -> Iterator[int]:
            raise LookupError("none")

    told: list[Any] = []
    with running() as pool:
        result = pool.map_async(square, Numbers(), error_callback=told.append)
        with pytest.raises(LookupError) as caught:
            result.get(SECONDS)
        assert caught.value.__cause__ is None
    assert [type(error) for error in told] == [LookupError]


@each_pool
def test_callbacks(kind: Any) -> None:
    told: list[Any] = []
    with running(kind) as pool:
        pool.apply_async(square, (3,), callback=told.append).wait(SECONDS)
        pool.map_async(square, [1, 2], callback=told.append).wait(SECONDS)
        pool.apply_async(raise_it, (KeyError(1),), error_callback=lambda e: told.append(type(e))).wait(SECONDS)
    assert told == [9, [1, 4], KeyError]


@each_pool
def test_timeouts(kind: Any) -> None:
    go = FORK.Event()
    with running(kind, 1, initializer=keep, initargs=(go,)) as pool:
        result, values = pool.apply_async(wait_for_kept), pool.imap(wait_for_kept, [0])
        with pytest.raises(multiprocessing.TimeoutError):
            result.get(0.01)
        with pytest.raises(multiprocessing.TimeoutError):
            values.next(timeout=0.01)
        with pytest.raises(ValueError, match="not ready"):
            result.successful()
        go.set()
        assert (result.get(SECONDS), result.successful(), values.next(SECONDS)) == (True, True, True)


@pytest.mark.slow
@each_pool
@each_method
def test_start_method_and_initializer(kind: Any, method: str) -> None:
    context = multiprocessing.get_context(method)
    with running(kind, context=context, initializer=keep, initargs=(context.Lock(), context.Queue())) as pool:
        assert pool._ctx is context
        assert pool.apply(kind_of_process).lower().startswith(method)
        assert pool.map(use_kept_lock, range(4)) == [True] * 4


@each_pool
def test_forked_workers_see_the_program_as_it_is_now(kind: Any) -> None:
    keep("before")
    with running(kind, 3) as pool:
        keep("after")
        assert pool.map(kept, range(20), 1) == [["before"]] * 20
    keep()


@each_pool
def test_workers_are_there_at_once(kind: Any) -> None:
    with running(kind, 3) as pool:
        workers = pool._pool
        assert len(workers) == pool._processes == 3
        assert all(worker.is_alive() and worker.exitcode is None and worker.daemon for worker in workers)
        pids = {worker.pid for worker in workers}
        assert os.getpid() not in pids
        assert len(pids) == 3
        assert set(pool.map(pid, range(30), 1)) <= pids
    assert [worker.exitcode for worker in workers] == [0, 0, 0]


@each_pool
def test_what_real_code_reads(kind: Any) -> None:
    go = FORK.Event()
    with running(kind, 1, initializer=keep, initargs=(go,), maxtasksperchild=5) as pool:
        assert (pool._state, pool._maxtasksperchild, pool._initargs) == ("RUN", 5, (go,))
        assert pool._initializer is keep
        result = pool.apply_async(wait_for_kept)
        assert pool._cache[result._job] is result
        assert pool._outqueue is not None
        go.set()
        result.get(SECONDS)
    assert len(pool._cache) == 0


@each_pool
def test_end(kind: Any) -> None:
    pool = kind(1, context=FORK)
    with pytest.raises(ValueError, match="Pool is still running"):
        pool.join()
    pool.close()
    pool.close()
    for call in (pool.apply, pool.apply_async, pool.map, pool.imap):
        with pytest.raises(ValueError, match="Pool not running"):
            call(square, (1,))
    pool.join()
    with pytest.raises(ValueError, match="Pool not running"), pool:
        pass


@each_pool
def test_it_cannot_be_sent(kind: Any) -> None:
    with running(kind, 1) as pool, pytest.raises(NotImplementedError):
        pool.apply(echo, (pool,))


@each_pool
def test_dropped_pool_warns(kind: Any) -> None:
    pool = kind(1, context=FORK)
    with pytest.warns(ResourceWarning, match="unclosed running multiprocessing pool"):
        pool.__del__()
    pool.terminate()
    pool.join()


@each_pool
def test_istarmap_recipe(kind: Any) -> None:
    with running(kind) as pool:
        assert list(istarmap(pool, pow, ((n, 2) for n in range(10)), 3)) == [n**2 for n in range(10)]


def test_contexts_of_the_programs_own() -> None:
    # A recipe for pools within pools, which needs no recipe here.
    class NoDaemonContext(type(FORK)):  # type: ignore[misc]
        pass

    with running(context=NoDaemonContext()) as pool:
        assert pool.apply(nested) == [0, 1, 4]


def nested() -> list[int]:
    with Pool(2, context=FORK) as pool:
        return pool.map(square, range(3))


def test_no_thread_of_the_pool_is_left() -> None:
    before = set(threading.enumerate())
    with running() as pool:
        pool.map(square, range(10))
    assert set(threading.enumerate()) <= before
