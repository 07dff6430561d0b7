"""The kinds of work of a pool, built from how a library's pool is opened and called.

A task for each argument (``..._each``), one task there and back (``..._trip``) and the library's own map
(``..._map``), by threads or by processes; and both of the last two by processes that an initializer has prepared.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any, NamedTuple

from rivals.rival import Way

Function = Callable[[Any], Any]
OpenPool = Callable[[int], AbstractContextManager[Any]]  # takes the number of workers

NAPS_PER_WORKER = 4
NAP = 0.005  # seconds; long enough that no worker takes two naps while another has not started


def pool_ways(
    family: str,
    contender: str,
    open_pool: OpenPool,
    options: str,
    *,
    each: Callable[[Any, Function, Iterable[Any]], list[Any]] | None = None,
    trip: Callable[[Any, Function, Any], Any] | None = None,
    mapped: Callable[[Any, Function, Iterable[Any]], list[Any]] | None = None,
) -> list[Way]:
    """Return how one pool does the kinds of work that it can do.

    Args:
        family: ``"thread"`` or ``"process"``.
        contender: The pool's name in the table.
        open_pool: Opens it and shuts it down; it need not start the workers.
        options: What is said of it in the report.
        each: Submits a task for each argument, one by one; returns the values in any order.
        trip: Submits one task, waits for it, and returns its value.
        mapped: Maps the way the library recommends; returns the values in the order of the arguments.
    """
    calls = {"each": each, "trip": trip, "map": mapped}
    warm_up = each or mapped
    assert warm_up is not None, f"{contender} can neither submit nor map"
    return [
        Way(f"{family}_{name}", contender, partial(_opened, open_pool, warm_up, call), options)
        for name, call in calls.items()
        if call is not None
    ]


@contextmanager
def _opened(open_pool: OpenPool, warm_up: Callable[..., Any], call: Callable[..., Any], workers: int) -> Iterator[Any]:
    with open_pool(workers) as pool:
        warm_up(pool, nap, range(NAPS_PER_WORKER * workers))
        yield partial(call, pool)


class Prepared(NamedTuple):
    """What workers that were prepared once can be asked for."""

    many: Callable[[Function, Iterable[Any]], list[Any]]  # returns the values in any order
    one: Callable[[Function, Any], Any]


def prepared_way(
    contender: str,
    open_pool: Callable[..., AbstractContextManager[Any]],
    options: str,
    *,
    each: Callable[[Any, Function, Iterable[Any]], list[Any]],
    trip: Callable[[Any, Function, Any], Any],
    mapped: Callable[[Any, Function, Iterable[Any]], list[Any]],
) -> Way:
    """Return how a pool does the tasks of processes that were prepared once.

    Args:
        contender: Its name in the table.
        open_pool: Takes the number of workers and, by name, ``initializer`` and ``initargs``.
        options: What is said of it in the report.
        each: As for ``pool_ways``; it starts the workers.
        trip: As for ``pool_ways``.
        mapped: As for ``pool_ways``, but the values may come in any order.
    """
    return Way("prepared", contender, partial(_opened_prepared, open_pool, each, trip, mapped), options)


@contextmanager
def _opened_prepared(
    open_pool: Callable[..., AbstractContextManager[Any]],
    each: Callable[..., Any],
    trip: Callable[..., Any],
    mapped: Callable[..., Any],
    workers: int,
    prepare: Function,
    argument: Any,
) -> Iterator[Prepared]:
    with open_pool(workers, initializer=prepare, initargs=(argument,)) as pool:
        each(pool, nap, range(NAPS_PER_WORKER * workers))
        yield Prepared(partial(mapped, pool), partial(trip, pool))


def nap(_argument: int) -> None:
    """Keep a worker busy so that the next nap starts another one."""
    time.sleep(NAP)


# The calls of whatever has `submit`, as the executors of the standard library do.


def submit_each(pool: Any, fn: Function, arguments: Iterable[Any]) -> list[Any]:
    futures = [pool.submit(fn, argument) for argument in arguments]
    return [future.result() for future in futures]


def submit_trip(pool: Any, fn: Function, argument: Any) -> Any:
    return pool.submit(fn, argument).result()


# The calls of whatever has `apply_async` and `map`, as the pools of multiprocessing do.


def apply_each(pool: Any, fn: Function, arguments: Iterable[Any]) -> list[Any]:
    results = [pool.apply_async(fn, (argument,)) for argument in arguments]
    return [result.get() for result in results]


def apply_trip(pool: Any, fn: Function, argument: Any) -> Any:
    return pool.apply(fn, (argument,))


def pool_map(pool: Any, fn: Function, arguments: Iterable[Any]) -> list[Any]:
    return list(pool.map(fn, arguments))


def unordered_one_by_one(pool: Any, fn: Function, arguments: Iterable[Any]) -> list[Any]:
    return list(pool.imap_unordered(fn, arguments, chunksize=1))


def map_in_chunks(size: int, pool: Any, fn: Function, arguments: Iterable[Any]) -> list[Any]:
    return list(pool.map(fn, arguments, chunksize=size))


# The ways of a pool that has such calls; ``each``, ``trip`` and ``mapped`` put another in the place of one.

submit_ways = partial(pool_ways, each=submit_each, trip=submit_trip, mapped=pool_map)
apply_ways = partial(pool_ways, each=apply_each, trip=apply_trip, mapped=pool_map)
