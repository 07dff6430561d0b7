"""One task at a time, there and back: the latency of ``submit().result()``."""

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from time import perf_counter_ns
from typing import Any

from contenders import EXECUTOR, POOLS, noop, open_pool
from interleave import Figures, Measure, Row, Shape, Trial

WORKERS = 2


def measure(quick: bool) -> Measure:
    """Measure 5 000 round trips in a row on a pool of 2, otherwise idle."""
    trips = 500 if quick else 5_000
    label = "submit().result() round trip"
    return Measure(
        "round-trip",
        {name: partial(_trial, name, trips) for name in POOLS},
        [
            Row(f"{label}, p50", "p50", "us", EXECUTOR, goal="15x faster", least_ratio=15),
            Row(f"{label}, p99", "p99", "us", EXECUTOR),
        ],
        shapes=[Shape("trips", label, "us")],
    )


@contextmanager
def _trial(name: str, trips: int) -> Iterator[Trial]:
    with open_pool(name, WORKERS) as pool:
        yield Trial(partial(round_trips, pool, trips), partial(_figures, trips), samples=_samples)


def round_trips(pool: Any, trips: int) -> list[int]:
    """Return how long each of ``trips`` round trips took, in nanoseconds."""
    submit = pool.submit
    durations = []
    for _ in range(trips):
        start = perf_counter_ns()
        result = submit(noop).result()
        durations.append(perf_counter_ns() - start)
        assert result is None
    return durations


def _figures(trips: int, durations: list[int], _elapsed: float) -> Figures:
    assert len(durations) == trips
    percentiles = statistics.quantiles(durations, n=100, method="inclusive")
    return {"p50": percentiles[49] / 1e3, "p99": percentiles[98] / 1e3}


def _samples(durations: list[int]) -> dict[str, list[float]]:
    return {"trips": [duration / 1e3 for duration in durations]}
