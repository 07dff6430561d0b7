"""Queue many tasks behind one blocked worker and print what each costs, as JSON. Arguments: the pool, the tasks.

Bytes are what tracemalloc sees, in a pass of its own, up to ``MOST_TRACED`` tasks; above that, by how much the resident
set grows: tracing millions takes minutes, and the pages of so many are no matter of rounding.
"""

import gc
import json
import sys
import threading
import tracemalloc
from time import perf_counter_ns
from typing import Any

from children.pending_tasks import STATM, resident_bytes
from contenders import make_pool, noop

MOST_TRACED = 100_000
WARM_UP = 100


def main() -> None:
    """Fill and empty the pool, and weigh what has piled up."""
    name, count = sys.argv[1], int(sys.argv[2])
    figures = timed(name, count)
    if count <= MOST_TRACED:
        figures["bytes"] = traced(name, count)
    print(json.dumps(figures))


def blocked_pool(name: str) -> tuple[Any, threading.Event]:
    """Return a pool whose only worker waits for the event."""
    pool = make_pool(name, 1)
    for task in [pool.submit(noop) for _ in range(WARM_UP)]:
        task.result()
    started, release = threading.Event(), threading.Event()

    def block() -> None:
        started.set()
        release.wait()

    pool.submit(block)
    assert started.wait(30), "the worker did not start"
    return pool, release


def timed(name: str, count: int) -> dict[str, float]:
    """Return the nanoseconds a task costs to submit, and to run once the worker is free."""
    pool, release = blocked_pool(name)
    submit = pool.submit
    gc.collect()
    resident = resident_bytes() if STATM.exists() else 0
    begin = perf_counter_ns()
    for _ in range(count - 1):
        submit(noop)
    last = submit(noop)
    submitted = perf_counter_ns()
    figures = {"submit": (submitted - begin) / count}
    if count > MOST_TRACED and resident:
        figures["bytes"] = (resident_bytes() - resident) / count
    begin = perf_counter_ns()
    release.set()
    last.result()
    figures["run"] = (perf_counter_ns() - begin) / count
    pool.shutdown(wait=True)
    return figures


def traced(name: str, count: int) -> float:
    """Return the bytes a task takes while it waits."""
    pool, release = blocked_pool(name)
    numbers = range(count)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in numbers:
        pool.submit(noop)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    release.set()
    pool.shutdown(wait=True)
    return grown / count


if __name__ == "__main__":
    main()
