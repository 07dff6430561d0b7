"""How the cost of a task grows with the number of workers: 1 to 64 threads, 1 to 8 processes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from time import perf_counter_ns
from typing import Any

import rivals
from contenders import identity
from interleave import Curve, Figures, Measure, Row, Trial
from measures.rival_pools import all_contenders

THREADS = (1, 2, 4, 8, 16, 32, 64)
PROCESSES = (1, 2, 4, 8)
BATCHES = 3
LABEL = "submit and collect a no-op"


def threads(quick: bool) -> Measure:
    """Measure 4 000 submits and results, with ever more threads."""
    counts = THREADS[::3] if quick else THREADS
    return _measure("growth-threads", "thread_each", "threads", counts, 1_000 if quick else 4_000)


def processes(quick: bool) -> Measure:
    """Measure 1 000 submits and results, with ever more processes."""
    counts = PROCESSES[:2] if quick else PROCESSES
    return _measure("growth-processes", "process_each", "processes", counts, 200 if quick else 1_000)


def _measure(name: str, kind: str, place: str, workers: Sequence[int], tasks: int) -> Measure:
    return Measure(
        name,
        all_contenders(kind, partial(_trial, workers=workers), tasks),
        [
            Row(f"{LABEL}, {place}: {count}", str(count), "ns/task", peer)
            for count in (workers[0], workers[-1])
            for peer in rivals.contenders(kind)
        ],
        warm_up=False,  # each pool has its own
        most_rounds=2,
        time_limit=120,
        curves=[Curve(f"{LABEL}, by {place}", place, "ns/task", {count: str(count) for count in workers})],
    )


@contextmanager
def _trial(open_way: Callable[[int], Any], tasks: int, *, workers: Sequence[int]) -> Iterator[Trial]:
    def run() -> Figures:
        return {str(count): _median(open_way, count, range(tasks)) for count in workers}

    yield Trial(run, lambda figures, _elapsed: figures)


def _median(open_way: Callable[[int], Any], workers: int, arguments: range) -> float:
    """Return the nanoseconds that a task takes with so many workers, the pool already started."""
    times = []
    with open_way(workers) as run:
        for _ in range(1 + BATCHES):
            begin = perf_counter_ns()
            values = run(identity, arguments)
            times.append((perf_counter_ns() - begin) / len(arguments))
            assert sorted(values) == list(arguments), "values were lost"
    return sorted(times[1:])[BATCHES // 2]
