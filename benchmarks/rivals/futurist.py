"""futurist: OpenStack's executors and periodic workers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rivals import pools
from rivals.rival import Rival, Way
from rivals.ticks import TICKS_WITHIN, Ticks


@contextmanager
def open_pool(workers: int) -> Iterator[Any]:
    from futurist import ThreadPoolExecutor

    with ThreadPoolExecutor(workers) as pool:
        yield pool


@contextmanager
def loop(interval: float) -> Iterator[Callable[[int], list[int]]]:
    from futurist import SynchronousExecutor, periodics

    def run(count: int) -> list[int]:
        ticks = Ticks(count)

        @periodics.periodic(spacing=interval, run_immediately=True)  # type: ignore[untyped-decorator]
        def tick() -> None:
            ticks.note()

        worker = periodics.PeriodicWorker([(tick, (), {})], executor_factory=SynchronousExecutor)
        thread = threading.Thread(target=worker.start, daemon=True)
        thread.start()
        try:
            return ticks.wait("futurist")
        finally:
            worker.stop()
            thread.join(TICKS_WITHIN)

    yield run


RIVAL = Rival(
    "futurist",
    "futurist",
    "futurist",
    [
        *pools.submit_ways(
            "thread",
            "futurist.ThreadPoolExecutor",
            open_pool,
            "No option but the number of workers; without check_and_reject, which costs a call for each task.",
        ),
        Way(
            "loop",
            "futurist PeriodicWorker",
            loop,
            "SynchronousExecutor: the callback runs in the thread that keeps the time; its default hops to another.",
        ),
    ],
)
