"""Worker processes beside ``multiprocessing.Pool``: no-ops, round trips, arrays, the start, a kill."""

import multiprocessing
import os
import signal
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from time import perf_counter_ns
from typing import Any

from contenders import WINDLASS, identity
from interleave import Figures, Measure, Row, Trial
from windlass import ProcessPool

WORKERS = 2
PEER = "multiprocessing.Pool"
METHOD = "forkserver"
ARRAY_MB = 10


@dataclass(frozen=True)
class Work:
    """How much of each is done in a round."""

    calls: int
    trips: int
    arrays: int
    kills: int


@dataclass(frozen=True)
class Ways:
    """The same five things, as one contender does them."""

    unordered: Callable[[range], list[Any]]
    in_order: Callable[[range], list[Any]]
    call: Callable[..., Any]


def measure(quick: bool) -> Measure:
    """Measure a pool of 2 processes: 200 000 no-ops, 1 000 round trips, 20 arrays of 10 MB, the start, 20 kills."""
    work = Work(20_000, 100, 4, 3) if quick else Work(200_000, 1_000, 20, 20)
    return Measure(
        "process-pool",
        {WINDLASS: partial(_windlass, work), PEER: partial(_multiprocessing, work)},
        [
            Row("no-op in a process, one at a time through imap", "unordered", "ns/call", PEER, "15x", 15),
            Row("map of 200 k no-ops, automatic chunks", "map", "ns/call", PEER, "not slower", 1),
            Row("round trip to a process, p50", "trip", "us", PEER, "at most 0.65x its time", 1 / 0.65),
            Row("10 MB array there and back", "array", "ms", PEER, "5x", 5),
            Row("start of 2 processes until a result", "start", "ms", PEER, "not slower", 1),
            Row("kill -9 until the replacement runs a task, worst", "kill", "ms", None, "500 ms", most=500),
        ],
        time_limit=180,
    )


@contextmanager
def _windlass(work: Work) -> Iterator[Trial]:
    started = perf_counter_ns()
    with ProcessPool(WORKERS, start_method=METHOD, prepopulate=WORKERS) as pool:
        pool.submit(identity, 0).result()
        start = perf_counter_ns() - started

        def call(fn: Callable[..., Any], *args: Any) -> Any:
            return pool.submit(fn, *args).result()

        ways = Ways(
            lambda numbers: list(pool.imap(identity, numbers, ordered=False)),
            lambda numbers: list(pool.imap(identity, numbers)),
            call,
        )
        yield Trial(lambda: do_all(ways, work) | {"kill": kills(call, work), "start": start / 1e6}, _figures)


@contextmanager
def _multiprocessing(work: Work) -> Iterator[Trial]:
    context = multiprocessing.get_context(METHOD)
    started = perf_counter_ns()
    with context.Pool(WORKERS) as pool:
        pool.apply(identity, (0,))
        start = perf_counter_ns() - started
        ways = Ways(
            lambda numbers: list(pool.imap_unordered(identity, numbers, chunksize=1)),
            lambda numbers: pool.map(identity, numbers),
            lambda fn, *args: pool.apply(fn, args),
        )
        yield Trial(lambda: do_all(ways, work) | {"start": start / 1e6}, _figures)


def do_all(ways: Ways, work: Work) -> dict[str, float]:
    """Return the figures of one contender, having checked the results."""
    import numpy

    numbers = range(work.calls)
    figures = {}
    for name, run in (("unordered", ways.unordered), ("map", ways.in_order)):
        started = perf_counter_ns()
        values = run(numbers)
        figures[name] = (perf_counter_ns() - started) / work.calls
        assert sorted(values) == list(numbers), "values were lost"
    trips = []
    for at in range(work.trips):
        started = perf_counter_ns()
        value = ways.call(identity, at)
        trips.append(perf_counter_ns() - started)
        assert value == at
    figures["trip"] = statistics.median(trips) / 1e3
    array = numpy.full(ARRAY_MB * 1_000_000 // 8, 1.0)
    started = perf_counter_ns()
    for _ in range(work.arrays):
        assert len(ways.call(identity, array)) == len(array)
    figures["array"] = (perf_counter_ns() - started) / work.arrays / 1e6
    return figures


def kills(call: Callable[..., Any], work: Work) -> float:
    """Return the longest time from a kill until another process has run a task, in milliseconds."""
    longest = 0
    for _ in range(work.kills):
        pids = {call(os.getpid) for _ in range(8)}
        started = perf_counter_ns()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        while call(os.getpid) in pids:  # nobody but a replacement can answer, once the last has gone
            pass
        longest = max(longest, perf_counter_ns() - started)
    return longest / 1e6


def _figures(figures: dict[str, float], _elapsed: float) -> Figures:
    return figures
