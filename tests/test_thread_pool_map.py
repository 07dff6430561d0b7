"""Many calls at once: map over pairs, submit_many, and imap, which is lazy and bounded."""

import itertools
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from windlass import PoolClosed, Priority, Task, TaskCancelled, ThreadPool

LIMIT = 10


def give_back(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
    return args, kwargs


class Source:
    """An endless iterator that counts what was read."""

    def __init__(self) -> None:
        self.read = 0

    def __iter__(self) -> "Source":
        return self

    def __next__(self) -> int:
        self.read += 1
        return self.read - 1


# ---- map and submit_many ----


@pytest.mark.parametrize("chunksize", [0, 1, 7, 10_000])
def test_map_gives_a_task_for_each_pair_in_order(chunksize: int) -> None:
    pairs = [((number,), {"x": number}) for number in range(100)]
    with ThreadPool(2) as pool:
        tasks = pool.map(give_back, iter(pairs), chunksize)
        assert all(isinstance(task, Task) for task in tasks)
        assert [task.result(LIMIT) for task in tasks] == pairs
        assert pool.options(name="n").map(give_back, pairs)[99].result(LIMIT) == pairs[99]


def test_map_takes_lists_and_none_and_priority() -> None:
    with ThreadPool(1) as pool:
        tasks = pool.map(give_back, [([1, 2], None), ((), {}), (range(2), {"y": 1})], priority=Priority.HIGH)
        assert [task.result(LIMIT) for task in tasks] == [((1, 2), {}), ((), {}), ((0, 1), {"y": 1})]
        assert {task.priority for task in tasks} == {5}
        assert pool.map(give_back, []) == []
        assert pool.submit_many(give_back, []) == []


@pytest.mark.parametrize("bad", [5, (1, {}), ("ab", {}), ((), 5), ((), {}, 1), None], ids=str)
def test_bad_pair_submits_nothing(bad: Any) -> None:
    with ThreadPool(1) as pool:
        for mapper in (pool.map, pool.options(name="n").map):
            with pytest.raises(TypeError, match="item 1"):
                mapper(give_back, [((1,), {}), bad])
        assert pool.statistics().submitted == 0
        assert pool.num_workers == 0


def test_failing_iterable_submits_nothing() -> None:
    def source() -> Iterator[Any]:
        yield (1,), {}
        raise KeyError("source")

    with ThreadPool(1) as pool:
        for submit in (pool.map, pool.submit_many, pool.options(name="n").map, pool.options().submit_many):
            with pytest.raises(KeyError):
                submit(give_back, source())
        assert pool.statistics().submitted == 0


def test_map_cancels_nothing_of_a_sibling_that_fails() -> None:
    with ThreadPool(2) as pool:
        tasks = pool.submit_many(lambda number: 1 // number, [1, 0, 1])
        assert [type(task.exception(LIMIT)) for task in tasks] == [type(None), ZeroDivisionError, type(None)]


# ---- imap ----


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("chunksize", [0, 1, 7, 1_000])
@pytest.mark.parametrize("buffersize", [None, 1, 5, 10_000])
def test_imap_gives_values_in_order(workers: int, chunksize: int, buffersize: int | None) -> None:
    with ThreadPool(workers) as pool:
        values = pool.imap(abs, range(0, -500, -1), chunksize=chunksize, buffersize=buffersize)
        assert iter(values) is values
        assert list(values) == list(range(500))
        assert list(values) == []


@pytest.mark.parametrize("chunksize", [0, 1, 7])
def test_imap_unordered_gives_every_value_once(chunksize: int) -> None:
    with ThreadPool(3) as pool:
        values = list(pool.imap(abs, range(2_000), ordered=False, chunksize=chunksize))
    assert sorted(values) == list(range(2_000))


def test_imap_unordered_gives_them_as_they_come() -> None:
    gates = [threading.Event() for _ in range(3)]

    def work(number: int) -> int:
        assert gates[number].wait(LIMIT)
        return number

    with ThreadPool(3) as pool:
        values = pool.imap(work, range(3), ordered=False, chunksize=1)
        for number in (2, 0, 1):
            gates[number].set()
            assert next(values) == number


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("buffersize", [1, 2, 17])
def test_imap_reads_a_bounded_stretch_ahead(ordered: bool, buffersize: int) -> None:
    source = Source()
    with ThreadPool(2) as pool:
        values = pool.imap(abs, source, ordered=ordered, buffersize=buffersize)
        for given in range(1, 200):
            next(values)
            assert source.read <= given + buffersize


def test_imap_of_an_endless_source_is_lazy() -> None:
    source = Source()
    with ThreadPool(2) as pool:
        values = pool.imap(abs, source, chunksize=3)
        assert source.read <= 3 * 5  # two chunks a worker and one
        assert list(itertools.islice(values, 1_000)) == list(range(1_000))
        assert source.read <= 1_000 + 3 * 6
        values.close()
        read = source.read
        assert list(values) == []
        assert source.read == read


def test_imap_raises_errors_at_their_position_and_goes_on() -> None:
    with ThreadPool(2) as pool:
        values, seen = pool.imap(lambda number: 10 // number, [5, 0, 2, 0, 1], chunksize=2), []
        while True:
            try:
                seen.append(next(values))
            except ZeroDivisionError:
                seen.append("error")
            except StopIteration:
                break
    assert seen == [2, "error", 5, "error", 10]


def test_imap_passes_the_error_of_the_source_after_the_values() -> None:
    def source() -> Iterator[int]:
        yield from range(10)
        raise KeyError("source")

    with ThreadPool(2) as pool:
        values = pool.imap(abs, source(), chunksize=3)
        assert [next(values) for _ in range(10)] == list(range(10))
        with pytest.raises(KeyError, match="source"):
            next(values)
        assert list(values) == []
        counted: list[int] = []
        with pytest.raises(KeyError):
            counted.extend(pool.imap(abs, source()))
        assert counted == list(range(10))


def test_imap_close_cancels_what_has_not_started() -> None:
    started, go, ran = threading.Event(), threading.Event(), []

    def work(number: int) -> None:
        started.set()
        ran.append(number)
        assert go.wait(LIMIT)

    for drop in (False, True):
        ran.clear()
        started.clear()
        go.clear()
        with ThreadPool(1) as pool:
            values = pool.imap(work, itertools.count(), chunksize=1)
            assert started.wait(LIMIT)
            if drop:
                del values
            else:
                values.close()
            go.set()
            assert pool.wait_completion(LIMIT)
            assert ran == [0]


def test_imap_nested_in_a_worker_of_a_pool_of_one() -> None:
    with ThreadPool(1) as pool:
        for ordered in (True, False):

            def outer(number: int, ordered: bool = ordered) -> int:
                return sum(pool.imap(abs, range(number), ordered=ordered, chunksize=2))

            assert pool.submit(outer, 50).result(LIMIT) == sum(range(50))
            assert list(pool.imap(outer, [3, 4], chunksize=1)) == [3, 6]


def test_imap_through_options_and_priority() -> None:
    order: list[object] = []
    started, go = threading.Event(), threading.Event()
    with ThreadPool(1) as pool:
        pool.submit(lambda: (started.set(), go.wait(LIMIT)))
        assert started.wait(LIMIT)
        pool.submit(order.append, "normal")
        values = pool.options(priority=Priority.HIGH).imap(order.append, ["high"], chunksize=1)
        low = pool.imap(order.append, ["low"], priority=Priority.LOW)
        go.set()
        assert list(values) == [None]
        assert list(low) == [None]
    assert order == ["high", "normal", "low"]


def test_imap_of_nothing_and_of_what_cannot_be_iterated() -> None:
    with ThreadPool(1) as pool:
        assert list(pool.imap(abs, [])) == []
        for ordered in (True, False):
            assert list(pool.imap(abs, iter(()), ordered=ordered)) == []
        with pytest.raises(TypeError):
            pool.imap(abs, 5)  # type: ignore[arg-type]


def test_imap_on_a_pool_that_is_stopped_says_so() -> None:
    pool = ThreadPool(1)
    values = pool.imap(abs, itertools.count(), chunksize=1)
    assert next(values) == 0
    pool.stop()
    with pytest.raises((PoolClosed, TaskCancelled)):
        list(itertools.islice(values, 100))
    assert pool.join(LIMIT)


def test_options_map_and_submit_many_take_their_options_to_every_task() -> None:
    with ThreadPool(2) as pool:
        bound = pool.options(priority=3, name="bound")
        tasks = bound.map(divmod, [((7, 2), None), ((9, 4), {})], chunksize=1) + bound.submit_many(str, range(3))
        assert [task.result(10) for task in tasks] == [(3, 1), (2, 1), "0", "1", "2"]
        assert {(task.priority, task.name) for task in tasks} == {(3, "bound")}


def test_options_refuse_a_task_that_has_its_own() -> None:
    with ThreadPool(1) as pool, pytest.raises(TypeError, match="submit it to the pool itself"):
        pool.options(priority=1).submit(Task(int))
