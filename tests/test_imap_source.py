"""The source of an imap is read on the consumer's thread: a slow one holds nothing up that is there."""

import itertools
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from process_calls import LIMIT, same
from waiting import until
from windlass import ProcessPool, ThreadPool

SLOW = 0.005  # seconds for an item of a slow source

each_pool = pytest.mark.parametrize("pool_type", [ThreadPool, ProcessPool])


@each_pool
@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("chunksize", [0, 1])
def test_values_come_before_a_slow_source_is_read_on(pool_type: Any, ordered: bool, chunksize: int) -> None:
    read = []

    def source() -> Iterator[int]:
        for at in range(5):
            read.append(at)
            time.sleep(SLOW)
            until(lambda: pool.statistics().done == at)  # noqa: B023  # called before the next round
            yield at

    with pool_type(2) as pool:
        values = pool.imap(same, source(), ordered=ordered, chunksize=chunksize)
        for at in range(5):
            assert next(values) == at
            assert len(read) <= at + 2
        assert list(values) == []


def test_a_source_that_becomes_slow_is_not_read_by_large_chunks() -> None:
    slow = []

    def source() -> Iterator[int]:
        yield from range(4_000)  # so fast that the chunks grow
        for at in itertools.count(4_000):
            time.sleep(SLOW)
            slow.append(at)
            yield at

    with ThreadPool(2) as pool:
        values = pool.imap(abs, source())
        assert list(itertools.islice(values, 4_000)) == list(range(4_000))
        assert next(values) == 4_000
        assert len(slow) <= 64 + 5  # as many as are read between two looks at the clock, and the window
        read = len(slow)
        assert list(itertools.islice(values, read)) == list(range(4_001, 4_001 + read))
        assert len(slow) <= read + 1 + 5
        values.close()


def test_a_chunk_of_a_given_size_is_one_of_a_slow_source_too() -> None:
    def source() -> Iterator[int]:
        for at in range(9):
            time.sleep(SLOW)
            yield at

    with ThreadPool(1) as pool:
        assert list(pool.imap(abs, source(), chunksize=3)) == list(range(9))
        assert pool.statistics().submitted == 3


@pytest.mark.parametrize("buffersize", [None, 1])
def test_what_a_slow_source_raises_comes_after_the_values_before_it(buffersize: int | None) -> None:
    def source() -> Iterator[int]:
        for at in range(3):
            time.sleep(SLOW)
            yield at
        raise LookupError("source")

    with ThreadPool(2) as pool:
        values = pool.imap(abs, source(), buffersize=buffersize)
        assert [next(values) for _ in range(3)] == [0, 1, 2]
        with pytest.raises(LookupError, match="source"):
            next(values)
        assert list(values) == []


class Interrupted:
    """An iterator that is interrupted by a signal once, while it makes one of its numbers."""

    def __init__(self, at: int, number: int, seen: list[int]) -> None:
        self._numbers = iter(range(10))
        self._left = at
        self._signal = number
        self._seen = seen
        self.seen_before = 0

    def __iter__(self) -> "Interrupted":
        return self

    def __next__(self) -> int:
        self._left -= 1
        if self._left == -1:
            self.seen_before = len(self._seen)
            signal.raise_signal(self._signal)
        return next(self._numbers)


class Alarm(Exception):
    """Raised by a signal handler."""


@pytest.fixture
def _alarm() -> Iterator[None]:
    def handle(*_: Any) -> None:
        raise Alarm

    before = signal.signal(signal.SIGUSR1, handle)
    yield
    signal.signal(signal.SIGUSR1, before)


@pytest.mark.usefixtures("_alarm")
@pytest.mark.parametrize(("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGUSR1, Alarm)])
@pytest.mark.parametrize("chunksize", [1, 3])
def test_a_signal_in_the_source_is_raised_at_once_and_loses_nothing(chunksize: int, number: int, error: Any) -> None:
    assert threading.current_thread() is threading.main_thread()
    seen: list[int] = []
    source = Interrupted(9, number, seen)
    with ThreadPool(1) as pool:
        values = pool.imap(abs, source, chunksize=chunksize)
        with pytest.raises(error):
            seen.extend(iter(lambda: next(values), None))
        assert len(seen) == source.seen_before  # not after what was read before
        while len(seen) < 10:
            seen.append(next(values))
        assert seen == list(range(10))
        assert list(values) == []
        assert pool.wait_completion(LIMIT)
