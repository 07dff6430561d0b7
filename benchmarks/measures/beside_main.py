"""A busy main thread beside a busy pool: who gets the interpreter, and what the hand-over costs.

A producer thread submits tiny tasks at an even rate while the main thread computes in pure Python. The pool
must not slow the main thread more than the standard one does; how late its tasks ran stands beside it,
because a pool that runs nothing slows nobody.
"""

import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from time import perf_counter_ns, sleep
from typing import Any

from contenders import EXECUTOR, POOLS, open_pool
from interleave import Figures, Measure, Row, Trial

WORKERS = 2
ALONE = "alone"
RATE = 2_000  # tasks per second
PERIOD_NS = 1_000_000_000 // RATE


def measure(quick: bool) -> Measure:
    """Measure a fixed loop in the main thread, alone and beside 2 000 tasks per second."""
    steps = 1_000_000 if quick else 10_000_000
    label = "CPU-bound main thread beside 2 000 tasks/s"
    return Measure(
        "beside-main",
        {name: partial(_beside_pool, name, steps) for name in POOLS} | {ALONE: partial(_alone, steps)},
        [
            Row(label, "time", "ms", EXECUTOR, goal="not slowed more", least_ratio=1),
            Row(label, "time", "ms", ALONE),
            Row(f"{label}: delay of its tasks, p50", "delay", "ms", EXECUTOR),
        ],
    )


@contextmanager
def _alone(steps: int) -> Iterator[Trial]:
    yield Trial(partial(compute, steps), lambda _result, elapsed: {"time": elapsed / 1e6}, batches=3)


@contextmanager
def _beside_pool(name: str, steps: int) -> Iterator[Trial]:
    with open_pool(name, WORKERS) as pool:
        yield Trial(partial(compute_beside, pool, steps), _figures, batches=3)


def compute(steps: int) -> int:
    """Keep the interpreter busy for a fixed amount of work."""
    total = 0
    for step in range(steps):
        total += step & 7
    return total


def compute_beside(pool: Any, steps: int) -> tuple[int, list[int]]:
    """Compute while a thread keeps submitting; return the computation's time and each task's delay."""
    tasks: list[Any] = []
    running, stop = threading.Event(), threading.Event()
    first_due = perf_counter_ns()

    def produce() -> None:
        due = first_due
        stopped = False
        while not stopped:
            stopped = stop.is_set()
            while due <= perf_counter_ns():  # on an absolute grid: who comes late catches up
                tasks.append(pool.submit(_delay_since, due))
                due += PERIOD_NS
            running.set()
            sleep(0 if stopped else max(0, due - perf_counter_ns()) / 1e9)

    producer = threading.Thread(target=produce)
    producer.start()
    running.wait()
    start = perf_counter_ns()
    compute(steps)
    end = perf_counter_ns()
    stop.set()
    producer.join()
    delays = [task.result() for task in tasks]
    assert len(delays) >= (end - first_due) // PERIOD_NS, "the producer did not keep its rate"
    return end - start, delays


def _delay_since(due: int) -> int:
    return perf_counter_ns() - due


def _figures(result: tuple[int, list[int]], _elapsed: float) -> Figures:
    elapsed, delays = result
    return {"time": elapsed / 1e6, "delay": statistics.median(delays) / 1e6}
