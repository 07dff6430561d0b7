"""pebble: its pools of threads and of processes, and its decorator."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from rivals import pools
from rivals.rival import Rival, Way
from rivals.stdlib import CHUNK, METHOD

Wait = Callable[[], Any]
Start = Callable[[int], Wait]


@contextmanager
def open_threads(workers: int) -> Iterator[Any]:
    from pebble import ThreadPool

    with ThreadPool(workers) as pool:
        yield pool


@contextmanager
def open_processes(workers: int, **options: Any) -> Iterator[Any]:
    from pebble import ProcessPool

    with ProcessPool(workers, context=multiprocessing.get_context(METHOD), **options) as pool:
        yield pool


def each(pool: Any, fn: pools.Function, arguments: Iterable[Any]) -> list[Any]:
    futures = [pool.schedule(fn, (argument,)) for argument in arguments]
    return [future.result() for future in futures]


def trip(pool: Any, fn: pools.Function, argument: Any) -> Any:
    return pool.schedule(fn, (argument,)).result()


def mapped(pool: Any, fn: pools.Function, arguments: Iterable[Any]) -> list[Any]:
    return list(pool.map(fn, arguments, chunksize=CHUNK).result())


@contextmanager
def decorated(fn: Callable[[int], Any]) -> Iterator[Start]:
    from pebble import concurrent

    start = concurrent.thread(fn)
    yield lambda value: start(value).result


@contextmanager
def decorated_with_pool(fn: Callable[[int], Any]) -> Iterator[Start]:
    from pebble import ThreadPool, concurrent

    with ThreadPool(2) as pool:
        start = concurrent.thread(pool=pool)(fn)
        yield lambda value: start(value).result


CALLS: Any = {"each": each, "trip": trip, "mapped": mapped}
ON_PROCESSES = f"{METHOD} as for all; schedule for single tasks; map with chunksize={CHUNK}, for its default is 1."
RIVAL = Rival(
    "pebble",
    "pebble",
    "pebble",
    [
        *pools.pool_ways(
            "thread",
            "pebble.ThreadPool",
            open_threads,
            f"schedule for single tasks; map with chunksize={CHUNK}.",
            **CALLS,
        ),
        *pools.pool_ways("process", "pebble.ProcessPool", open_processes, ON_PROCESSES, **CALLS),
        pools.prepared_way("pebble.ProcessPool", open_processes, f"initializer=; {ON_PROCESSES}", **CALLS),
        Way("decorated", "pebble @concurrent.thread", decorated, "As documented: a thread for each call."),
        Way(
            "decorated",
            "pebble @concurrent.thread(pool)",
            decorated_with_pool,
            "With a pool of 2 given to the decorator, which saves the thread for each call.",
        ),
    ],
)
