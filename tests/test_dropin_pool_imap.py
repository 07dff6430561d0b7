"""Drop-in ThreadPool: imap and imap_unordered."""

import itertools
import multiprocessing
import threading
from typing import Any

import pytest

from dropin_pools import SECONDS, each_pool, running

each_order = pytest.mark.parametrize("method", ["imap", "imap_unordered"])


def call(n: int) -> int:
    if n == 3:
        raise LookupError(n)
    return 10 * n


@each_pool
@each_order
@pytest.mark.parametrize("chunksize", [1, 2, 7])
@pytest.mark.parametrize("make", [list, iter, lambda numbers: (n for n in numbers)], ids=["list", "iter", "generator"])
def test_values_of_any_input(kind: Any, method: str, chunksize: int, make: Any) -> None:
    with running(kind) as pool:
        values = list(getattr(pool, method)(str, make(range(20)), chunksize))
        assert (values if method == "imap" else sorted(values, key=int)) == [str(n) for n in range(20)]
        assert list(getattr(pool, method)(str, make([]), chunksize)) == []


@each_pool
def test_next_takes_a_timeout(kind: Any) -> None:
    go = threading.Event()
    with running(kind) as pool:
        values = pool.imap(go.wait, [SECONDS])
        for timeout in (0, 0.001):
            with pytest.raises(multiprocessing.TimeoutError):
                values.next(timeout)
        go.set()
        assert values.next(SECONDS) is True
        for timeout in (None, 0, SECONDS):
            with pytest.raises(StopIteration):
                values.next(timeout)


@each_pool
def test_unordered_values_come_as_the_calls_end(kind: Any) -> None:
    go = threading.Event()
    with running(kind) as pool:
        values = pool.imap_unordered(lambda wait: go.wait(SECONDS) and "late" if wait else "early", [True, False])
        assert values.next(SECONDS) == "early"
        go.set()
        assert values.next(SECONDS) == "late"


@each_pool
def test_ordered_values_wait_for_the_first(kind: Any) -> None:
    go = threading.Event()
    with running(kind) as pool:
        values = pool.imap(lambda wait: go.wait(SECONDS) and "first" if wait else "second", [True, False])
        pool.apply(int)  # by the thread that has made the second call
        with pytest.raises(multiprocessing.TimeoutError):
            values.next(0)
        go.set()
        assert list(values) == ["first", "second"]


@each_pool
def test_error_comes_at_its_position_and_iteration_goes_on(kind: Any) -> None:
    with running(kind) as pool:
        values = pool.imap(call, range(6))
        assert [next(values) for _ in range(3)] == [0, 10, 20]
        with pytest.raises(LookupError):
            next(values)
        assert list(values) == [40, 50]


@each_pool
def test_error_of_the_input_comes_at_its_position(kind: Any) -> None:
    def numbers() -> Any:
        yield from (0, 1)
        raise OSError("no more")

    with running(kind) as pool:
        for chunksize, expected in ((1, [0, 10]), (2, [0, 10])):
            values = pool.imap(call, numbers(), chunksize)
            assert [next(values) for _ in expected] == expected
            with pytest.raises(OSError, match="no more"):
                next(values)
            with pytest.raises(StopIteration):
                next(values)
        with pytest.raises(OSError, match="no more"):
            list(pool.imap_unordered(call, numbers()))


@each_pool
@each_order
def test_what_cannot_be_iterated_is_told_by_next(kind: Any, method: str) -> None:
    with running(kind) as pool:
        values = getattr(pool, method)(str, 5)
        with pytest.raises(TypeError, match="not iterable"):
            next(values)


@each_pool
@each_order
@pytest.mark.parametrize("chunksize", [0, -1])
def test_sizes_must_be_positive(kind: Any, method: str, chunksize: int) -> None:
    with running(kind) as pool, pytest.raises(ValueError, match="Chunksize must be 1"):
        getattr(pool, method)(str, [], chunksize)


@each_pool
@each_order
def test_calls_are_made_though_nobody_asks(kind: Any, method: str) -> None:
    made: list[int] = []
    with running(kind) as pool:
        getattr(pool, method)(made.append, (n for n in range(50)))
    assert sorted(made) == list(range(50))


@each_pool
def test_values_come_while_the_input_is_being_read(kind: Any) -> None:
    go = threading.Event()

    def numbers() -> Any:
        yield 1
        assert go.wait(SECONDS)
        yield 2

    with running(kind) as pool:
        values = pool.imap(call, numbers())
        assert values.next(SECONDS) == 10
        go.set()
        assert values.next(SECONDS) == 20


@each_pool
def test_one_thread_that_is_no_worker_reads_the_whole_input(kind: Any) -> None:
    readers: set[int] = set()

    def numbers() -> Any:
        for n in range(20):
            readers.add(threading.get_ident())
            yield n

    with running(kind) as pool:
        workers = {worker.ident for worker in pool._pool}
        assert len(list(pool.imap(str, numbers(), 2))) == 20
    assert len(readers) == 1
    assert not readers & {threading.get_ident(), *workers}


@each_pool
def test_chained_imaps(kind: Any) -> None:
    with running(kind, 1) as pool:
        assert list(pool.imap(str, pool.imap(call, (1, 2)))) == ["10", "20"]
        assert list(pool.imap(str, pool.imap(call, iter((1, 2))))) == ["10", "20"]


# ---- beyond the standard class of these Pythons ----


def test_slow_input_does_not_hold_up_other_calls() -> None:
    go = threading.Event()

    def numbers() -> Any:
        yield go.wait(SECONDS)

    with running(processes=1) as pool:
        values = pool.imap(str, numbers())
        assert pool.apply_async(int).get(SECONDS) == 0
        assert list(pool.imap(str, [1])) == ["1"]
        go.set()
        assert list(values) == ["True"]


@each_order
@pytest.mark.parametrize("chunksize", [1, 3])
def test_iteration_goes_on_behind_a_chunk_that_failed(method: str, chunksize: int) -> None:
    values: list[int] = []
    with running() as pool:
        iterator = getattr(pool, method)(call, range(9), chunksize)
        failures = 0
        while True:
            try:
                values.append(next(iterator))
            except LookupError:
                failures += 1
            except StopIteration:
                break
    lost = {3} if chunksize == 1 else {3, 4, 5}
    assert failures == 1
    assert sorted(values) == [10 * n for n in range(9) if n not in lost]


@each_order
@pytest.mark.parametrize("chunksize", [1, 2])
def test_buffersize_bounds_what_is_read(method: str, chunksize: int) -> None:
    read: list[int] = []
    reached = threading.Semaphore(0)

    def numbers() -> Any:
        for n in itertools.count():
            read.append(n)
            if (n + 1) % chunksize == 0:
                reached.release()
            yield n

    with running() as pool:
        values = getattr(pool, method)(str, numbers(), chunksize, buffersize=3)
        for _ in range(3):
            assert reached.acquire(timeout=SECONDS)
        pool.map(int, range(4))
        assert len(read) <= 3 * chunksize
        taken = [values.next(SECONDS) for _ in range(chunksize * 5)]
        assert len(set(taken)) == chunksize * 5
        for _ in range(5):
            assert reached.acquire(timeout=SECONDS)
        assert len(read) <= (3 + 5) * chunksize
        del values


@each_order
@pytest.mark.parametrize(("wrong", "error"), [(0, ValueError), (-1, ValueError), ("2", TypeError), (1.5, TypeError)])
def test_wrong_buffersizes_are_refused(method: str, wrong: Any, error: type[Exception]) -> None:
    with running() as pool, pytest.raises(error, match="buffersize"):
        getattr(pool, method)(str, [], buffersize=wrong)


@each_order
def test_buffered_values_can_be_read_after_join(method: str) -> None:
    with running() as pool:
        values = getattr(pool, method)(call, iter((1, 2)), buffersize=2)
    assert sorted(values) == [10, 20]


@each_order
def test_join_gives_up_an_input_that_waits_for_its_consumer(method: str) -> None:
    with running() as pool:
        values = getattr(pool, method)(call, itertools.count(4), buffersize=2)
        assert values.next(SECONDS) >= 40
    with pytest.raises(RuntimeError, match="joined before"):
        list(values)


def test_dropped_buffered_iterator_lets_its_reader_end() -> None:
    with running() as pool:
        before = set(threading.enumerate())
        values = pool.imap(str, itertools.count(), buffersize=2)
        assert next(values) == "0"
        (reader,) = set(threading.enumerate()) - before
        del values
        reader.join(SECONDS)
        assert not reader.is_alive()


def test_several_threads_share_one_iterator() -> None:
    with running(processes=3) as pool:
        for method in ("imap", "imap_unordered"):
            values = getattr(pool, method)(int, (n for n in range(3_000)), 2)
            taken: list[list[int]] = [[], [], []]
            consumers = [threading.Thread(target=one.extend, args=(values,)) for one in taken]
            for consumer in consumers:
                consumer.start()
            for consumer in consumers:
                consumer.join(SECONDS)
                assert not consumer.is_alive()
            assert sorted(itertools.chain(*taken)) == list(range(3_000))
