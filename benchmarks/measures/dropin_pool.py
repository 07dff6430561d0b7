"""The drop-in ThreadPool beside the standard class: the same calls, the same program but for the import line."""

import gc
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.pool import ThreadPool as StandardThreadPool
from time import perf_counter_ns
from typing import Any

from contenders import STARTED_WITHIN, WINDLASS, identity, noop
from interleave import Measure, Row, Trial

WORKERS = 2
PEER = "multiprocessing.pool.ThreadPool"


def measure(quick: bool) -> Measure:
    """Measure each way to call with 2 workers, the results collected and checked."""
    scale = 20 if quick else 1
    return Measure(
        "dropin-pool",
        {name: partial(_trial, name, scale) for name in (WINDLASS, PEER)},
        [
            Row("pool.map of 1 M no-ops", "map", "ns/call", PEER, goal="not slower", least_ratio=1),
            Row("pool.apply_async 10 k and get", "apply_async", "ns/task", PEER, goal="10x faster", least_ratio=10),
            Row("the same with a callback each", "callback", "ns/task", PEER),
            Row("pool.apply round trip, p50", "apply", "us", PEER),
            Row("pool.map of 8 items, p50", "small_map", "us", PEER),
            Row("pool.imap of 10 k, chunksize 1", "imap", "ns/item", PEER),
            Row("pool.imap_unordered of a generator of 10 k", "unordered", "ns/item", PEER),
        ],
    )


def _open_pool(name: str) -> Any:
    if name == PEER:
        return StandardThreadPool(WORKERS)
    from windlass.dropin.pool import ThreadPool

    return ThreadPool(WORKERS)


@contextmanager
def _trial(name: str, scale: int) -> Iterator[Trial]:
    with _open_pool(name) as pool:
        pool.map_async(identity, range(1_000), 1).get(STARTED_WITHIN)
        yield Trial(partial(_run, pool, scale), lambda figures, _elapsed: figures)
        pool.close()
        pool.join()


def _run(pool: Any, scale: int) -> dict[str, float]:
    many, some, few = 1_000_000 // scale, 10_000 // scale, 1_000 // scale
    return {
        "map": each_ns(partial(pool.map, identity, range(many)), many),
        "apply_async": each_ns(partial(apply_all, pool, some), some),
        "callback": each_ns(partial(_callback, pool, some), some),
        "apply": median_us(partial(pool.apply, noop), few),
        "small_map": median_us(partial(pool.map, identity, range(8)), few),
        "imap": each_ns(lambda: list(pool.imap(identity, range(some))), some),
        "unordered": each_ns(lambda: sorted(pool.imap_unordered(identity, (n for n in range(some)))), some),
    }


def each_ns(call: Callable[[], list[int]], count: int) -> float:
    """Time one call that returns the numbers below ``count`` in order; return the nanoseconds for each of them."""
    gc.collect()
    start = perf_counter_ns()
    values = call()
    elapsed = perf_counter_ns() - start
    assert values == list(range(count)), "values were lost or out of order"
    return elapsed / count


def median_us(call: Callable[[], Any], count: int) -> float:
    """Time ``count`` calls, one after the other; return the median in microseconds."""
    durations = []
    for _ in range(count):
        start = perf_counter_ns()
        call()
        durations.append(perf_counter_ns() - start)
    return statistics.median(durations) / 1e3


def apply_all(pool: Any, count: int) -> list[int]:
    """Return the numbers below ``count``, each by an ``apply_async`` of its own."""
    results = [pool.apply_async(identity, (n,)) for n in range(count)]
    return [result.get() for result in results]


def _callback(pool: Any, count: int) -> list[int]:
    values: list[int] = []
    results = [pool.apply_async(identity, (n,), callback=values.append) for n in range(count)]
    for result in results:
        result.wait()
    return sorted(values)
