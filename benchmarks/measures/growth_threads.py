"""How the cost of a task grows with the number of workers: 1 to 64 threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from time import perf_counter_ns

from contenders import EXECUTOR, POOLS, open_pool
from interleave import Curve, Figures, Measure, Row, Trial
from measures.submit_collect import submit_and_collect

THREADS = (1, 2, 4, 8, 16, 32, 64)
BATCHES = 3
LABEL = "submit and collect a no-op"


def measure(quick: bool) -> Measure:
    """Measure 10 000 submits and results, with ever more workers."""
    count = 1_000 if quick else 10_000
    return Measure(
        "growth-threads",
        {name: partial(_trial, name, count) for name in POOLS},
        [Row(f"{LABEL}, {threads} threads", str(threads), "ns/task", EXECUTOR) for threads in (1, 8, 64)],
        curves=[Curve(f"{LABEL}, by workers", "threads", "ns/task", {n: str(n) for n in THREADS})],
    )


@contextmanager
def _trial(name: str, count: int) -> Iterator[Trial]:
    yield Trial(partial(_run, name, count), lambda figures, _elapsed: figures)


def _run(name: str, count: int) -> Figures:
    figures = {}
    for threads in THREADS:
        with open_pool(name, threads) as pool:
            times = []
            for _ in range(BATCHES):
                begin = perf_counter_ns()
                tasks, results = submit_and_collect(pool, count)
                times.append((perf_counter_ns() - begin) / count)
                assert results == [None] * count, "results were lost"
                del tasks
            figures[str(threads)] = sorted(times)[BATCHES // 2]
    return figures
