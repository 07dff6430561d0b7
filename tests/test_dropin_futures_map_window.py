"""map with buffersize, on every Python version, and the iterator that outlives errors, as Python 3.16 has it."""

import gc
import itertools
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

import windlass.dropin.futures.mapping
from dropin_peers import LIMIT, occupied
from windlass.dropin.futures import CancelledError, ThreadPoolExecutor, TimeoutError

# The standard class has buffersize from 3.14 on; before, it is a TypeError.


@pytest.mark.parametrize("buffersize", [1, 2, 7, 100])
def test_results_are_the_same_in_any_window(buffersize: int) -> None:
    with ThreadPoolExecutor(2) as executor:
        assert list(executor.map(pow, range(10), itertools.repeat(2), buffersize=buffersize)) == [
            number**2 for number in range(10)
        ]


def test_reads_only_what_fits_into_the_window() -> None:
    read: list[int] = []

    def source() -> Iterator[int]:
        for number in itertools.count():  # endless
            read.append(number)
            yield number

    with ThreadPoolExecutor(2) as executor:
        results = executor.map(abs, source(), buffersize=3)
        assert read == [0, 1, 2]
        assert next(results) == 0
        assert read == [0, 1, 2, 3]
        assert list(itertools.islice(results, 5)) == [1, 2, 3, 4, 5]
        assert read == list(range(9))


@pytest.mark.parametrize(("wrong", "error"), [("1", TypeError), (1.5, TypeError), (0, ValueError), (-1, ValueError)])
def test_window_must_be_a_positive_integer(wrong: Any, error: type[Exception]) -> None:
    with ThreadPoolExecutor(1) as executor:
        with pytest.raises(error, match="buffersize must be"):
            executor.map(abs, [1], buffersize=wrong)
        assert not executor._threads


def test_no_call_is_made_when_nobody_takes_results() -> None:
    ran: list[int] = []
    with ThreadPoolExecutor(1) as executor:
        executor.map(ran.append, range(100), buffersize=2)
    assert ran == [0, 1]


def test_iterator_does_not_keep_the_executor() -> None:
    executor = ThreadPoolExecutor(1)
    results = executor.map(abs, [-1, -2, -3, -4], buffersize=2)
    reference = weakref.ref(executor)
    assert next(results) == 1
    del executor
    gc.collect()
    assert reference() is None
    assert list(results) == [2, 3]  # what had been submitted


def test_iterable_that_raises_later_cancels_what_waits() -> None:
    def source() -> Iterator[int]:
        yield from (1, 2)
        raise LookupError("source")

    ran: list[int] = []
    with ThreadPoolExecutor(1) as executor, occupied(executor):
        results = executor.map(ran.append, source(), buffersize=2)
        with pytest.raises(LookupError, match="source"):
            next(results)
        assert next(results, "end") == "end"
    assert ran == []


def test_shutdown_in_the_middle_is_told() -> None:
    executor = ThreadPoolExecutor(1)
    results = executor.map(abs, range(10), buffersize=2)
    executor.shutdown()
    with pytest.raises(RuntimeError, match="after shutdown"):
        next(results)


def divide(number: int) -> float:
    return 1 / number


@pytest.fixture
def survives(monkeypatch: pytest.MonkeyPatch) -> None:
    # The standard iterator does so from 3.16 on; before, the first error ends it.
    monkeypatch.setattr(windlass.dropin.futures.mapping, "MAP_SURVIVES_ERRORS", True)


@pytest.mark.usefixtures("survives")
@pytest.mark.parametrize("buffersize", [None, 1, 2])
def test_goes_on_after_an_error(buffersize: int | None) -> None:
    with ThreadPoolExecutor(2) as executor:
        results = executor.map(divide, [1, 0, 2, 0, 4], buffersize=buffersize)
        assert next(results) == 1
        for expected in (0.5, 0.25):
            with pytest.raises(ZeroDivisionError):
                next(results)
            assert next(results) == expected
        assert next(results, "end") == "end"


@pytest.mark.usefixtures("survives")
@pytest.mark.parametrize("kind", [TimeoutError, KeyboardInterrupt])
def test_goes_on_after_what_looks_like_a_time_limit_or_ctrl_c_but_was_raised_by_the_call(
    kind: type[BaseException],
) -> None:
    def call(number: int) -> int:
        if number == 1:
            raise kind(number)
        return number

    with ThreadPoolExecutor(2) as executor:
        results = executor.map(call, range(3), timeout=LIMIT)
        assert next(results) == 0
        with pytest.raises(kind):
            next(results)
        assert list(results) == [2]


@pytest.mark.usefixtures("survives")
def test_the_time_limit_ends_it_all_the_same() -> None:
    ran: list[int] = []
    with ThreadPoolExecutor(1) as executor, occupied(executor):
        results = executor.map(ran.append, range(3), timeout=0)
        with pytest.raises(TimeoutError):
            next(results)
        assert next(results, "end") == "end"
    assert ran == []


@pytest.mark.usefixtures("survives")
def test_a_cancelled_call_is_one_error_among_others() -> None:
    ran = threading.Event()
    with ThreadPoolExecutor(1) as executor:
        with occupied(executor):
            results = executor.map(lambda _: ran.set(), range(2))
            executor._work_queue.get_nowait().future.cancel()
        with pytest.raises(CancelledError):
            next(results)
        assert next(results) is None
    assert ran.wait(LIMIT)
