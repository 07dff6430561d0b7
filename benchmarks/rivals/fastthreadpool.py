"""fastthreadpool: a pool in Cython without futures. Its results come in any order.

It can be built, but not by pip alone: its setup.py imports Cython without asking for it. So the extra ``bench``
leaves it out.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from rivals import pools
from rivals.rival import Rival, Way


@contextmanager
def open_pool(workers: int) -> Iterator[Any]:
    from fastthreadpool import Pool

    with Pool(workers) as pool:
        yield pool


def each(pool: Any, fn: pools.Function, arguments: Iterable[Any]) -> list[Any]:
    values: list[Any] = []
    waiting = len(arguments := list(arguments))
    done = threading.Event()

    def receive(value: Any) -> None:
        values.append(value)
        if len(values) == waiting:
            done.set()

    for argument in arguments:
        pool.submit_done(fn, receive, argument)
    done.wait()
    return values


def trip(pool: Any, fn: pools.Function, argument: Any) -> Any:
    return each(pool, fn, (argument,))[0]


@contextmanager
def limited(slots: int, fn: Callable[[int], Any]) -> Iterator[Callable[[int], Any]]:
    from fastthreadpool import Semaphore

    semaphore = Semaphore(slots)

    def call(value: int) -> Any:
        semaphore.acquire()
        try:
            return fn(value)
        finally:
            semaphore.release()

    yield call


RIVAL = Rival(
    "fastthreadpool",
    "fastthreadpool",
    "fastthreadpool",
    [
        *pools.pool_ways(
            "thread",
            "fastthreadpool",
            open_pool,
            "Compiled by Cython. A callback takes the values, and sets an Event after the last: as fast for many as "
            "as_completed, which looks only every 10 ms.",
            each=each,
            trip=trip,
        ),
        Way("limiter", "fastthreadpool.Semaphore", limited, "Compiled by Cython; it is no context manager."),
    ],
    install="pip install cython setuptools; pip install --no-build-isolation fastthreadpool",
)
