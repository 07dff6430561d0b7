"""neotasker: atasker's lighter successor."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic_ns
from typing import Any

from rivals import pools
from rivals.rival import Rival, Way

TICKS_WITHIN = 120  # seconds


@contextmanager
def start_supervisor(workers: int) -> Iterator[Any]:
    from neotasker.supervisor import TaskSupervisor

    supervisor = TaskSupervisor()
    supervisor.set_thread_pool(min_size="max", max_size=workers)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()


@contextmanager
def open_pool(workers: int) -> Iterator[Any]:
    with start_supervisor(workers) as supervisor:
        yield supervisor.thread_pool


@contextmanager
def loop(interval: float) -> Iterator[Callable[[int], list[int]]]:
    from neotasker import background_worker

    with start_supervisor(1) as supervisor:
        event_loop = supervisor.create_aloop("ticks", daemon=True)

        def run(ticks: int) -> list[int]:
            stamps: list[int] = []
            done = threading.Event()

            async def tick(**_: Any) -> None:
                stamps.append(monotonic_ns())
                if len(stamps) >= ticks:
                    done.set()

            worker = background_worker(interval=interval, supervisor=supervisor, loop=event_loop)(tick)
            worker.start()
            assert done.wait(TICKS_WITHIN), "neotasker has lost its ticks"
            worker.stop()
            return stamps[:ticks]

        yield run


RIVAL = Rival(
    "neotasker",
    "neotasker",
    "neotasker",
    [
        *pools.submit_ways(
            "thread",
            "neotasker",
            open_pool,
            "spawn, which is its ThreadPoolExecutor's submit; min_size='max', so that all threads are there.",
        ),
        Way(
            "loop",
            "neotasker interval worker",
            loop,
            "A coroutine with interval=, in its own event loop: a plain function would hop to the thread pool.",
        ),
    ],
)
