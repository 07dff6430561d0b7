"""Drop-in ThreadPool: the names that real code imports or reads, and recipes built on private ones."""

import multiprocessing.pool
import threading
from multiprocessing.pool import ThreadPool as StandardThreadPool
from typing import Any

import pytest

from dropin_pools import SECONDS, each_pool, istarmap, running
from waiting import until
from windlass.dropin import pool as dropin
from windlass.dropin.pool import ThreadPool


def test_module_has_what_the_standard_one_has() -> None:
    names = [name for name in vars(multiprocessing.pool) if not name.startswith("_")]
    modules = {"collections", "itertools", "os", "queue", "threading", "time", "traceback", "types", "util", "warnings"}
    functions = {"get_context", "wait"}  # of other modules, imported there
    assert [name for name in names if not hasattr(dropin, name) and name not in modules | functions] == []
    assert dropin.__all__ == multiprocessing.pool.__all__


def test_what_is_not_a_pool_or_a_result_is_the_standard_librarys() -> None:
    for name in ("TimeoutError", "RemoteTraceback", "MaybeEncodingError", "mapstar", "RUN", "CLOSE"):
        assert getattr(dropin, name) is getattr(multiprocessing.pool, name)


@pytest.mark.parametrize("module", [multiprocessing.pool, dropin], ids=["standard", "windlass"])
def test_classes_of_results(module: Any) -> None:
    assert module.AsyncResult is module.ApplyResult
    assert issubclass(module.MapResult, module.ApplyResult)
    assert issubclass(module.IMapUnorderedIterator, module.IMapIterator)
    assert module.AsyncResult[int].__origin__ is module.ApplyResult
    with running(module.ThreadPool) as pool:
        assert type(pool.apply_async(int)) is module.ApplyResult
        assert type(pool.map_async(int, "1")) is module.MapResult
        values, shuffled = pool.imap(int, "1"), pool.imap_unordered(int, "1")
        assert type(values) is module.IMapIterator
        assert type(shuffled) is module.IMapUnorderedIterator
        assert iter(values) is values
        assert [*values, *shuffled] == [1, 1]


@each_pool
def test_results_take_attributes(kind: Any) -> None:
    with running(kind) as pool:
        result, values = pool.apply_async(int), pool.imap(int, "1")
        result.label, values.label = "mine", "too"
        assert (result.label, values.label, *values) == ("mine", "too", 1)


@each_pool
def test_sizes_of_what_waits(kind: Any) -> None:
    go, started = threading.Event(), threading.Event()

    def work() -> None:
        started.set()
        assert go.wait(SECONDS)

    with running(kind, 1) as pool:
        assert len(pool._cache) == 0
        running_one = pool.apply_async(work)
        assert started.wait(SECONDS)
        waiting = [pool.apply_async(int), pool.map_async(int, "12"), pool.imap(int, "12")]
        assert len(pool._cache) == 4
        for result in (running_one, *waiting):
            assert pool._cache[result._job] is result
        if kind is not StandardThreadPool:  # whose own thread has not always moved them on by now
            assert pool._taskqueue.qsize() == pool._inqueue.qsize() == 5  # a task each chunk
            assert not pool._inqueue.empty()
        assert pool._outqueue.qsize() == 0
        assert pool._outqueue.empty()
        go.set()
        waiting[0].wait(SECONDS)
        waiting[1].wait(SECONDS)
        assert [*waiting[2]] == [1, 2]
    assert len(pool._cache) == 0
    assert pool._taskqueue.empty()
    assert pool._ctx is not None


@each_pool
def test_pool_grows_by_hand(kind: Any) -> None:
    with running(kind, 1) as pool:
        pool._processes = 3
        pool._repopulate_pool()
        assert len(pool._pool) == 3
        meet = threading.Barrier(3)
        assert sorted(pool.map(lambda _: meet.wait(SECONDS), range(3), 1)) == [0, 1, 2]


def test_pool_shrinks_by_hand() -> None:
    with running(processes=3) as pool:
        workers = pool._pool
        pool._processes = 1
        for worker in workers:
            worker.join(0.001)
        assert pool.map(int, "123") == [1, 2, 3]
        assert pool._processes == 1


@each_pool
@pytest.mark.parametrize("chunksize", [1, 3])
def test_istarmap_recipe(kind: Any, chunksize: int) -> None:
    with running(kind) as pool:
        assert list(istarmap(pool, pow, ((n, 2) for n in range(10)), chunksize)) == [n**2 for n in range(10)]
        assert list(istarmap(pool, pow, [], chunksize)) == []
        values = istarmap(pool, divmod, [(4, 2), (1, 0)])
        assert next(values) == (2, 0)
        with pytest.raises(ZeroDivisionError):
            next(values)
    assert len(pool._cache) == 0


@each_pool
def test_a_subclass_may_override_apply_async(kind: Any) -> None:
    seen: list[Any] = []

    class Watched(kind):  # type: ignore[misc, valid-type]
        def apply_async(self, func: Any, *args: Any, **kwargs: Any) -> Any:
            seen.append(func)
            return super().apply_async(func, *args, **kwargs)

    with running(Watched) as pool:
        assert pool.apply(int, ("5",)) == 5
    assert seen == [int]


@each_pool
def test_how_far_a_map_is(kind: Any) -> None:
    gates = [threading.Event() for _ in range(4)]
    with running(kind, 1) as pool:
        result = pool.map_async(lambda gate: gate.wait(SECONDS), gates, 2)
        assert (result._chunksize, result._number_left, result.ready()) == (2, 2, False)
        gates[0].set()
        gates[1].set()
        until(lambda: result._number_left * result._chunksize == 2)
        gates[2].set()
        gates[3].set()
        assert result.get(SECONDS) == result._value == [True] * 4
        assert result._number_left == 0
        assert pool.map_async(int, [])._number_left == 0
        failed = pool.apply_async(divmod, (1, 0))
        failed.wait(SECONDS)
        assert isinstance(failed._value, ZeroDivisionError)


@each_pool
@pytest.mark.parametrize("method", ["imap", "imap_unordered"])
def test_how_far_an_imap_is(kind: Any, method: str) -> None:
    gates = [threading.Event() for _ in range(3)]

    with running(kind, 1) as pool:
        values = getattr(pool, method)(lambda gate: gate.wait(SECONDS), gates)
        assert values._index == 0
        gates[0].set()
        until(lambda: values._index == 1)
        assert next(values) is True
        assert values._index == 1
        gates[1].set()
        until(lambda: values._index == 2)
        gates[2].set()
        until(lambda: values._index == values._length == 3)  # which the standard class may note later
        assert list(values) == [True, True]
        assert values._index == 3


def test_an_imap_counts_what_follows_in_order_only() -> None:
    """As the standard one does: what has ended behind a call that runs cannot be given out yet."""
    gates = [threading.Event() for _ in range(3)]
    with running(ThreadPool, 2) as pool:
        values = pool.imap(lambda gate: gate.wait(SECONDS), gates, buffersize=3)
        gates[1].set()
        gates[2].set()
        pool.apply(int)  # runs behind them
        assert values._index == 0
        gates[0].set()
        assert list(values) == [True] * 3
        assert values._index == 3


@each_pool
def test_threads_have_an_exit_code(kind: Any) -> None:
    with running(kind) as pool:
        workers = list(pool._pool)
        assert [worker.exitcode for worker in workers] == [None, None]
    assert [worker.exitcode for worker in workers] == [0, 0]
