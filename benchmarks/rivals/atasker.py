"""atasker: a task supervisor with pools, background tasks and interval workers.

Its stop() calls asyncio.Task.all_tasks, which Python 3.9 removed, and raises before it has stopped. So its
threads are daemons here and end with the process that measures.
"""

import functools
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from rivals import pools
from rivals.rival import Rival, Way
from rivals.stdlib import METHOD
from rivals.ticks import Ticks


def start_supervisor(workers: int, processes: int = 0) -> Any:
    from atasker import TaskSupervisor

    supervisor = TaskSupervisor()
    # Any other pool_size lets its poll_delay of 100 ms decide when the next task may start.
    supervisor.set_thread_pool(pool_size=0, reserve_normal=0, reserve_high=0, max_size=workers, min_size="max")
    if processes:
        supervisor.mp_pool = multiprocessing.get_context(METHOD).Pool(processes)
        supervisor.set_mp_pool(pool_size=0)
    supervisor.start(daemon=True)
    return supervisor


class Tasks:
    """What turns functions into tasks of one supervisor, each function decorated once."""

    def __init__(self, supervisor: Any, **options: Any) -> None:
        from atasker import background_task

        self.decorate = functools.cache(lambda fn: background_task(fn, supervisor=supervisor, **options))


@contextmanager
def open_threads(workers: int) -> Iterator[Tasks]:
    yield Tasks(start_supervisor(workers))


@contextmanager
def open_processes(workers: int) -> Iterator[Tasks]:
    from atasker import TT_MP

    supervisor = start_supervisor(1, processes=workers)
    with supervisor.mp_pool:
        yield Tasks(supervisor, tt=TT_MP)


def each(pool: Tasks, fn: pools.Function, arguments: Iterable[Any]) -> list[Any]:
    from atasker import wait_completed

    start = pool.decorate(fn)
    values: list[Any] = wait_completed([start(argument) for argument in arguments])
    return values


def trip(pool: Tasks, fn: pools.Function, argument: Any) -> Any:
    from atasker import wait_completed

    return wait_completed(pool.decorate(fn)(argument))


@contextmanager
def decorated(fn: Callable[[int], Any]) -> Iterator[Callable[[int], Callable[[], Any]]]:
    from atasker import background_task

    start = background_task(fn, supervisor=start_supervisor(2))

    def call(value: int) -> Callable[[], Any]:
        task = start(value)

        def wait() -> Any:
            task.completed.wait()
            return task.result

        return wait

    yield call


@contextmanager
def loop(interval: float) -> Iterator[Callable[[int], list[int]]]:
    from atasker import background_worker

    supervisor = start_supervisor(1)

    def run(count: int) -> list[int]:
        ticks = Ticks(count)

        async def tick(**_: Any) -> bool:
            return ticks.note()

        background_worker(interval=interval, supervisor=supervisor, loop=supervisor.event_loop)(tick).start()
        return ticks.wait("atasker")

    yield run


POOL = "pool_size=0, so that its thread pool alone limits the tasks: with a size it polls every 100 ms; min_size='max'."
RIVAL = Rival(
    "atasker",
    "atasker",
    "atasker",
    [
        *pools.pool_ways("thread", "atasker", open_threads, POOL, each=each, trip=trip),
        *pools.pool_ways(
            "process",
            "atasker (TT_MP)",
            open_processes,
            f"The same limits; its pool is multiprocessing's, with {METHOD} as for all.",
            each=each,
            trip=trip,
        ),
        Way("decorated", "atasker @background_task", decorated, POOL),
        Way(
            "loop",
            "atasker interval worker",
            loop,
            "A coroutine in the supervisor's own event loop: a plain function would hop to the thread pool and back.",
        ),
    ],
)
