"""Do each hot operation a few times and then many times, to have its instructions counted. Arguments: the operations.

Callgrind writes down what it has counted, and begins anew, whenever this program calls ``getppid``, which it calls
for nothing else.
"""

import gc
import itertools
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from contenders import WINDLASS, identity, noop, open_pool

Repeat = Callable[[int], None]  # does the operation that many times
Prepared = Callable[[], Iterator[Repeat]]

WARM_UP, FEW, MANY = 100, 200, 2_200
LATE = 1e-9  # seconds; ticks of this interval are all late, so that none sleeps


def priority_queue() -> Iterator[Repeat]:
    from windlass import PriorityTaskQueue

    yield from _put_and_get(PriorityTaskQueue())


def simple_queue() -> Iterator[Repeat]:
    from windlass.dropin.queue import SimpleQueue

    yield from _put_and_get(SimpleQueue())


def _put_and_get(queue: Any) -> Iterator[Repeat]:
    put, get = queue.put, queue.get

    def repeat(times: int) -> None:
        for number in range(times):
            put(number)
            assert get() == number

    yield repeat


def task_made() -> Iterator[Repeat]:
    from windlass import Task

    def repeat(times: int) -> None:
        for _ in range(times):
            Task(noop)

    yield repeat


def task_run() -> Iterator[Repeat]:
    from windlass import Task

    def repeat(times: int) -> None:
        for number in range(times):
            task = Task(identity, (number,))
            task()
            assert task.result() == number

    yield repeat


def task_result() -> Iterator[Repeat]:
    from windlass import Task

    task = Task(noop)
    task()
    result = task.result

    def repeat(times: int) -> None:
        for _ in range(times):
            result()

    yield repeat


def submit_and_collect() -> Iterator[Repeat]:
    with open_pool(WINDLASS, 1) as pool:

        def repeat(times: int) -> None:
            tasks = [pool.submit(identity, number) for number in range(times)]
            assert [task.result() for task in tasks] == list(range(times))

        yield repeat


def round_trip() -> Iterator[Repeat]:
    with open_pool(WINDLASS, 1) as pool:

        def repeat(times: int) -> None:
            for number in range(times):
                assert pool.submit(identity, number).result() == number

        yield repeat


def imap() -> Iterator[Repeat]:
    with open_pool(WINDLASS, 1) as pool:

        def repeat(times: int) -> None:
            assert list(pool.imap(identity, range(times))) == list(range(times))

        yield repeat


def tick() -> Iterator[Repeat]:
    from windlass import Ticker

    def repeat(times: int) -> None:
        ticker = Ticker(LATE, missed="burst", max_burst=None)
        deque(itertools.islice(ticker, times), maxlen=0)

    yield repeat


def record() -> Iterator[Repeat]:
    from windlass._core.histogram import Histogram

    histogram = Histogram()

    def repeat(times: int) -> None:
        histogram.record_all(list(range(times)))

    yield repeat


def limited_call() -> Iterator[Repeat]:
    from windlass import Limiter

    call = Limiter(2)(identity)

    def repeat(times: int) -> None:
        for number in range(times):
            assert call(number) == number

    yield repeat


OPERATIONS: dict[str, Prepared] = {
    "PriorityTaskQueue: put and get": priority_queue,
    "dropin SimpleQueue: put and get": simple_queue,
    "Task made": task_made,
    "Task made, run and read in one thread": task_run,
    "result() of a finished Task": task_result,
    "pool.submit, run and result, many at a time": submit_and_collect,
    "pool.submit(...).result(), one at a time": round_trip,
    "pool.imap, one call": imap,
    "tick of a Ticker": tick,
    "record in a Histogram": record,
    "call under a Limiter": limited_call,
}


def main() -> None:
    """Mark the beginning and the end of the few and of the many, operation after operation."""
    gc.disable()  # a collection would fall into one count and not into another
    for name in sys.argv[1:]:
        with contextmanager(OPERATIONS[name])() as repeat:
            repeat(WARM_UP)
            gc.collect()
            os.getppid()
            repeat(FEW)
            os.getppid()
            repeat(MANY)
            os.getppid()


if __name__ == "__main__":
    main()
