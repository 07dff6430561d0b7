"""Worker processes beside ``multiprocessing.Pool``: no-ops, round trips, arrays, the start, a kill."""

import multiprocessing
import os
import signal
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from time import perf_counter_ns
from typing import Any

from contenders import WINDLASS, identity
from interleave import Figures, Measure, Row, Trial
from rivals.stdlib import CHUNK, METHOD
from windlass import ProcessPool

WORKERS = 2
PEER = "multiprocessing.Pool"
ARRAY_MB = 10
CHUNKED = f"multiprocessing.Pool, chunks of {CHUNK}"
NAP = 0.01  # seconds, in which a second worker takes the second task


@dataclass(frozen=True)
class Work:
    """How much of each is done in a round."""

    singles: int  # calls one at a time
    calls: int  # calls of map
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
    """Measure 2 processes: 50 000 and 200 000 no-ops, 1 000 round trips, 20 arrays of 10 MB, the start, 20 kills."""
    work = Work(10_000, 20_000, 100, 4, 3) if quick else Work(50_000, 200_000, 1_000, 20, 20)
    label = "no-op in a process, one at a time through imap"
    return Measure(
        "process-pool",
        {
            WINDLASS: partial(_windlass, work),
            PEER: partial(_multiprocessing, work),
            CHUNKED: partial(_in_chunks, range(work.singles)),
        },
        [
            Row(label, "unordered", "ns/call", PEER, "15x", 15),
            Row(label, "unordered", "ns/call", CHUNKED),
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
        yield Trial(lambda: do_all(ways, work) | {"kill": kills(pool, work), "start": start / 1e6}, _figures)


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


@contextmanager
def _in_chunks(numbers: range) -> Iterator[Trial]:
    """Give the peer whose user has thought about chunks, which windlass spares them."""

    def figures(values: list[int], elapsed: float) -> Figures:
        assert sorted(values) == list(numbers), "values were lost"
        return {"unordered": elapsed / len(numbers)}

    with multiprocessing.get_context(METHOD).Pool(WORKERS) as pool:
        pool.apply(identity, (0,))
        yield Trial(lambda: list(pool.imap_unordered(identity, numbers, chunksize=CHUNK)), figures)


def do_all(ways: Ways, work: Work) -> dict[str, float]:
    """Return the figures of one contender, having checked the results."""
    figures = {}
    for name, run, count in (("unordered", ways.unordered, work.singles), ("map", ways.in_order, work.calls)):
        numbers = range(count)
        started = perf_counter_ns()
        values = run(numbers)
        figures[name] = (perf_counter_ns() - started) / count
        assert sorted(values) == list(numbers), "values were lost"
    trips = []
    for at in range(work.trips):
        started = perf_counter_ns()
        value = ways.call(identity, at)
        trips.append(perf_counter_ns() - started)
        assert value == at
    figures["trip"] = statistics.median(trips) / 1e3
    if find_spec("numpy") is not None:
        figures["array"] = arrays(ways.call, work.arrays)
    return figures


def arrays(call: Callable[..., Any], times: int) -> float:
    """Return how many milliseconds an array takes there and back."""
    import numpy

    array = numpy.arange(ARRAY_MB * 1_000_000 // 8, dtype=float)
    took = 0
    for _ in range(times):
        started = perf_counter_ns()
        returned = call(identity, array)
        took += perf_counter_ns() - started
        assert numpy.array_equal(returned, array), "an array came back changed"
        assert returned.flags.writeable, "and is no copy to work on"
    return took / times / 1e6


def kills(pool: ProcessPool, work: Work) -> float:
    """Return the longest time from the kill of all workers until another process has run a task, in milliseconds."""
    longest = 0
    for _ in range(work.kills):
        pids: set[int] = set()
        while len(pids) < WORKERS:
            pids = {task.result() for task in [pool.submit(nap_and_tell) for _ in range(WORKERS)]}
        started = perf_counter_ns()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        while pool.submit(os.getpid).result() in pids:  # nobody but a replacement can answer, once the last has gone
            pass
        longest = max(longest, perf_counter_ns() - started)
    return longest / 1e6


def nap_and_tell() -> int:
    """Return which process this is, late enough that another one takes the next task."""
    time.sleep(NAP)
    return os.getpid()


def _figures(figures: dict[str, float], _elapsed: float) -> Figures:
    return figures
