"""The pools and queues that are compared, made ready in the same way.

windlass is imported only where it is used: the peers can be measured without it.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

WINDLASS = "windlass"
EXECUTOR = "ThreadPoolExecutor"
POOLS = (WINDLASS, EXECUTOR)
DROPIN = "windlass.dropin.futures"

STARTED_WITHIN = 30  # seconds, for all workers to run their first task


def make_pool(name: str, workers: int) -> Any:
    """Return a new pool of the library called ``name``."""
    if name == WINDLASS:
        import windlass

        return windlass.ThreadPool(workers)
    if name == DROPIN:
        from windlass.dropin import futures

        return futures.ThreadPoolExecutor(workers)
    return ThreadPoolExecutor(workers)


@contextmanager
def open_pool(name: str, workers: int) -> Iterator[Any]:
    """Give a pool whose workers have all started and run a task; shut it down at the end."""
    pool = make_pool(name, workers)
    try:
        start_all_workers(pool, workers)
        yield pool
    finally:
        pool.shutdown(wait=True)


def start_all_workers(pool: Any, workers: int) -> None:
    """Run one task on each worker: none can finish before all have started."""
    barrier = threading.Barrier(workers)
    for task in [pool.submit(barrier.wait, STARTED_WITHIN) for _ in range(workers)]:
        task.result()


def noop() -> None:
    """Do nothing."""


def identity(value: int) -> int:
    """Do nothing but show that it was called, and with what."""
    return value


def identity_with_keyword(value: int, *, keyword: int) -> int:
    """Do nothing but show that both arguments arrived."""
    return value if keyword == value else -1
