"""The drop-in ProcessPoolExecutor and Pool beside the standard classes: the same calls, another import line."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor as StandardExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing.pool import Pool as StandardPool
from typing import Any

from contenders import WINDLASS, identity
from interleave import Measure, Row, Trial
from measures.dropin_pool import apply_all, each_ns, median_us

WORKERS = 2
METHOD = "forkserver"  # a clean process for both, whatever this one has loaded
EXECUTOR, POOL = "ProcessPoolExecutor", "multiprocessing.Pool"


def executor(quick: bool) -> Measure:
    """Measure 5 000 calls by each way into the executor, with 2 processes."""
    count, trips = _sizes(quick)
    return Measure(
        "dropin-executor",
        {name: partial(_executor_trial, name, count, trips) for name in (WINDLASS, EXECUTOR)},
        [
            Row("executor: 5 k submits and results", "submit", "ns/call", EXECUTOR),
            Row("executor: submit().result(), p50", "submit_trip", "us", EXECUTOR),
            Row("executor: map of 5 k, chunksize=1", "map", "ns/call", EXECUTOR),
        ],
    )


def pool(quick: bool) -> Measure:
    """Measure 5 000 calls by each way into the pool, with 2 processes; 200 000 by its map."""
    count, trips = _sizes(quick)
    return Measure(
        "dropin-process",
        {name: partial(_pool_trial, name, count, trips) for name in (WINDLASS, POOL)},
        [
            Row("process Pool: 5 k apply_async and get", "apply_async", "ns/call", POOL),
            Row("process Pool: apply round trip, p50", "apply", "us", POOL, "at most 0.65x its time", 1 / 0.65),
            Row("process Pool: map of 200 k, automatic chunks", "map", "ns/call", POOL, "not slower", 1),
            Row("process Pool: imap_unordered of 5 k, chunksize=1", "unordered", "ns/call", POOL),
            Row("process Pool: map of 8 items, p50", "small_map", "us", POOL),
        ],
    )


def _sizes(quick: bool) -> tuple[int, int]:
    """Return how many calls, and how many round trips."""
    return (500, 100) if quick else (5_000, 1_000)


@contextmanager
def _executor_trial(name: str, count: int, trips: int) -> Iterator[Trial]:
    with _executor_class(name)(WORKERS, multiprocessing.get_context(METHOD)) as executor:
        assert list(executor.map(identity, range(1_000))) == list(range(1_000))
        yield Trial(partial(_run_executor, executor, count, trips), lambda figures, _elapsed: figures)


@contextmanager
def _pool_trial(name: str, count: int, trips: int) -> Iterator[Trial]:
    with _pool_class(name)(WORKERS, context=multiprocessing.get_context(METHOD)) as pool:
        assert pool.map(identity, range(1_000), 1) == list(range(1_000))
        yield Trial(partial(_run_pool, pool, count, trips), lambda figures, _elapsed: figures)
        pool.close()
        pool.join()


def _executor_class(name: str) -> Any:
    if name == EXECUTOR:
        return StandardExecutor
    from windlass.dropin.futures import ProcessPoolExecutor

    return ProcessPoolExecutor


def _pool_class(name: str) -> Any:
    if name == POOL:
        return StandardPool
    from windlass.dropin.pool import Pool

    return Pool


def _run_executor(executor: Any, count: int, trips: int) -> dict[str, float]:
    some = range(count)
    return {
        "submit": each_ns(lambda: [call.result() for call in [executor.submit(identity, n) for n in some]], count),
        "submit_trip": median_us(lambda: executor.submit(identity, 1).result(), trips),
        "map": each_ns(lambda: list(executor.map(identity, some)), count),
    }


def _run_pool(pool: Any, count: int, trips: int) -> dict[str, float]:
    some, many = range(count), range(40 * count)
    return {
        "apply_async": each_ns(partial(apply_all, pool, count), count),
        "apply": median_us(partial(pool.apply, identity, (1,)), trips),
        "map": each_ns(partial(pool.map, identity, many), len(many)),
        "unordered": each_ns(lambda: sorted(pool.imap_unordered(identity, some)), count),
        "small_map": median_us(partial(pool.map, identity, range(8)), trips),
    }
