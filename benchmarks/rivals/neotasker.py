"""neotasker: atasker's lighter successor."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rivals import pools
from rivals.rival import Rival, Way
from rivals.ticks import Ticks


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

        def run(count: int) -> list[int]:
            ticks = Ticks(count)

            async def tick(**_: Any) -> None:
                ticks.note()

            worker = background_worker(interval=interval, supervisor=supervisor, loop=event_loop)(tick)
            worker.start()
            stamps = ticks.wait("neotasker")
            worker.stop()
            return stamps

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
