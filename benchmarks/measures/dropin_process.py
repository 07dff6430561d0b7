"""The drop-in ProcessPoolExecutor and Pool beside the standard classes: the same calls, another import line."""

import gc
import multiprocessing
import statistics
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor as StandardExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing.pool import Pool as StandardPool
from time import perf_counter_ns
from typing import Any

from contenders import WINDLASS, identity
from interleave import Figures, Measure, Row, Trial

WORKERS = 2
METHOD = "forkserver"  # a clean process for both, whatever this one has loaded
PEER = "the standard classes"


def measure(quick: bool) -> Measure:
    """Measure 10 000 calls by each way in, with 2 processes."""
    count, trips = (1_000, 100) if quick else (10_000, 1_000)
    return Measure(
        "dropin-process",
        {name: partial(_trial, name, count, trips) for name in (WINDLASS, PEER)},
        [
            Row("executor: 10 k submits and results", "submit", "ns/call", PEER),
            Row("executor: submit().result(), p50", "submit_trip", "us", PEER),
            Row("executor: map of 10 k, chunksize=1", "executor_map", "ns/call", PEER),
            Row("process Pool: 10 k apply_async and get", "apply_async", "ns/call", PEER),
            Row("process Pool: apply round trip, p50", "apply", "us", PEER, "at most 0.65x its time", 1 / 0.65),
            Row("process Pool: map of 200 k, automatic chunks", "map", "ns/call", PEER, "not slower", 1),
            Row("process Pool: imap_unordered of 10 k, chunksize=1", "unordered", "ns/call", PEER),
            Row("process Pool: map of 8 items, p50", "small_map", "us", PEER),
        ],
    )


def _classes(name: str) -> tuple[Any, Any]:
    if name == PEER:
        return StandardExecutor, StandardPool
    from windlass.dropin.futures import ProcessPoolExecutor
    from windlass.dropin.pool import Pool

    return ProcessPoolExecutor, Pool


@contextmanager
def _trial(name: str, count: int, trips: int) -> Iterator[Trial]:
    make_executor, make_pool = _classes(name)
    context = multiprocessing.get_context(METHOD)
    with make_executor(WORKERS, context) as executor, make_pool(WORKERS, context=context) as pool:
        assert list(executor.map(identity, range(1_000))) == pool.map(identity, range(1_000), 1)
        yield Trial(partial(_run, executor, pool, count, trips), _figures)
        pool.close()
        pool.join()


def _run(executor: Any, pool: Any, count: int, trips: int) -> dict[str, float]:
    some, many = range(count), range(20 * count)
    return {
        "submit": _each(lambda: [call.result() for call in [executor.submit(identity, n) for n in some]], count),
        "submit_trip": _median(lambda: executor.submit(identity, 1).result(), trips) / 1e3,
        "executor_map": _each(lambda: list(executor.map(identity, some)), count),
        "apply_async": _each(lambda: [call.get() for call in [pool.apply_async(identity, (n,)) for n in some]], count),
        "apply": _median(partial(pool.apply, identity, (1,)), trips) / 1e3,
        "map": _each(partial(pool.map, identity, many), len(many)),
        "unordered": _each(lambda: sorted(pool.imap_unordered(identity, some)), count),
        "small_map": _median(partial(pool.map, identity, range(8)), trips) / 1e3,
    }


def _figures(figures: dict[str, float], _elapsed: float) -> Figures:
    return figures


def _each(call: Callable[[], list[int]], count: int) -> float:
    gc.collect()
    start = perf_counter_ns()
    values = call()
    elapsed = perf_counter_ns() - start
    assert values == list(range(count)), "values were lost or out of order"
    return elapsed / count


def _median(call: Callable[[], Any], count: int) -> float:
    durations = []
    for _ in range(count):
        start = perf_counter_ns()
        call()
        durations.append(perf_counter_ns() - start)
    return statistics.median(durations)
