"""The drop-in executor against the class it stands in for: the programs that change one line of imports."""

import gc
import statistics
from collections.abc import Callable, Iterator
from concurrent import futures as standard
from contextlib import contextmanager
from functools import partial
from time import perf_counter_ns
from typing import Any

from contenders import DROPIN, EXECUTOR, WINDLASS, identity, noop, open_pool
from interleave import Measure, Row, Trial
from measures.round_trip import round_trips
from measures.submit_collect import submit_and_collect

WORKERS = 2
BATCHES = 5


def measure(quick: bool) -> Measure:
    """Measure 10 000 calls by each of the ways in, and 5 000 round trips, with 2 workers."""
    count, trips = (1_000, 500) if quick else (10_000, 5_000)
    return Measure(
        "dropin-futures",
        {WINDLASS: partial(_trial, DROPIN, count, trips), EXECUTOR: partial(_trial, EXECUTOR, count, trips)},
        [
            Row("drop-in: 10 k submits and results", "submit", "ns/call", EXECUTOR, "15x faster", least_ratio=15),
            Row("drop-in: submit().result() round trip, p50", "p50", "us", EXECUTOR, "10x faster", least_ratio=10),
            Row("drop-in: map of 10 k, chunksize=1", "map", "ns/call", EXECUTOR, "15x faster", least_ratio=15),
            Row("drop-in: as_completed of 10 k", "as_completed", "ns/call", EXECUTOR),
        ],
    )


@contextmanager
def _trial(name: str, count: int, trips: int) -> Iterator[Trial]:
    as_completed = _as_completed_of(name)
    with open_pool(name, WORKERS) as pool:

        def run() -> dict[str, float]:
            return {
                "submit": _time(partial(submit_and_collect, pool, count), partial(_all_none, count)) / count,
                "p50": statistics.median(round_trips(pool, trips)) / 1e3,
                "map": _time(partial(_map, pool, count), lambda values: values == list(range(count))) / count,
                "as_completed": _time(partial(_complete, pool, count, as_completed), lambda n: n == count) / count,
            }

        yield Trial(run, lambda figures, _elapsed: figures, batches=BATCHES)


def _as_completed_of(name: str) -> Callable[..., Any]:
    if name == DROPIN:
        from windlass.dropin import futures

        return futures.as_completed
    return standard.as_completed


def _time(call: Callable[[], Any], is_right: Callable[[Any], bool]) -> int:
    gc.collect()
    start = perf_counter_ns()
    result = call()
    elapsed = perf_counter_ns() - start
    assert is_right(result), "results were lost"
    return elapsed


def _all_none(count: int, result: tuple[list[Any], list[None]]) -> bool:
    tasks, results = result
    return results == [None] * count and len({id(task) for task in tasks}) == count


def _map(pool: Any, count: int) -> list[int]:
    return list(pool.map(identity, range(count), chunksize=1))


def _complete(pool: Any, count: int, as_completed: Callable[..., Any]) -> int:
    return sum(future.result() is None for future in as_completed([pool.submit(noop) for _ in range(count)]))
