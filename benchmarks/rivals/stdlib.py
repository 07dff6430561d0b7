"""The standard library: pools, threads, queues, semaphores, and loops around its clocks."""

import asyncio
import multiprocessing
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing.pool import ThreadPool
from time import monotonic, monotonic_ns
from typing import Any

from rivals import pools
from rivals.rival import Rival, Way

METHOD = "forkserver"  # for every contender that lets its user choose: safe beside threads, and as fast as fork
CHUNK = 1_000  # for those that leave the size of a chunk to the caller; windlass and multiprocessing choose their own

Stamps = list[int]


def open_processes(workers: int, **options: Any) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context(METHOD), **options)


@contextmanager
def open_queue(kind: Callable[[], Any]) -> Iterator[Any]:
    yield kind()


@contextmanager
def thread_each(fn: Callable[[int], Any]) -> Iterator[Callable[[int], Callable[[], Any]]]:
    def start(value: int) -> Callable[[], Any]:
        values: list[Any] = []
        thread = threading.Thread(target=lambda: values.append(fn(value)))
        thread.start()

        def wait() -> Any:
            thread.join()
            return values[0]

        return wait

    yield start


@contextmanager
def executor_submit(fn: Callable[[int], Any]) -> Iterator[Callable[[int], Callable[[], Any]]]:
    with ThreadPoolExecutor(2) as pool:
        yield lambda value: pool.submit(fn, value).result


@contextmanager
def limited(kind: Callable[[int], Any], slots: int, fn: Callable[[int], Any]) -> Iterator[Callable[[int], Any]]:
    semaphore = kind(slots)

    def call(value: int) -> Any:
        with semaphore:
            return fn(value)

    yield call


def on_grid(sleep: Callable[[float], object], interval: float, ticks: int) -> Stamps:
    """Tick by sleeping until the times of an absolute grid."""
    start = monotonic()
    stamps = []
    for tick in range(ticks):
        sleep(max(0, start + tick * interval - monotonic()))
        stamps.append(monotonic_ns())
    return stamps


@contextmanager
def absolute_sleep(interval: float) -> Iterator[Callable[[int], Stamps]]:
    yield partial(on_grid, time.sleep, interval)


@contextmanager
def event_wait(interval: float) -> Iterator[Callable[[int], Stamps]]:
    yield partial(on_grid, threading.Event().wait, interval)


async def call_at(interval: float, ticks: int) -> Stamps:
    """Tick by ``loop.call_at`` on an absolute grid, in whatever event loop runs this."""
    loop = asyncio.get_running_loop()
    start, done = loop.time(), loop.create_future()
    stamps: Stamps = []

    def tick() -> None:
        stamps.append(monotonic_ns())
        if len(stamps) == ticks:
            done.set_result(None)
        else:
            loop.call_at(start + len(stamps) * interval, tick)

    tick()
    await done
    return stamps


@contextmanager
def asyncio_call_at(interval: float) -> Iterator[Callable[[int], Stamps]]:
    yield lambda ticks: asyncio.run(call_at(interval, ticks))


def prepared_ways() -> Iterator[Way]:
    """Give both pools with an initializer: a message for each task, as windlass's Master takes them, and in chunks."""
    executor = partial(pools.prepared_way, open_pool=open_processes, each=pools.submit_each, trip=pools.submit_trip)
    pool = partial(
        pools.prepared_way,
        open_pool=multiprocessing.get_context(METHOD).Pool,
        each=pools.apply_each,
        trip=pools.apply_trip,
    )
    yield executor(
        "ProcessPoolExecutor", options="initializer=; map with chunksize=1: each alone.", mapped=pools.pool_map
    )
    yield executor(
        f"ProcessPoolExecutor, chunks of {CHUNK}",
        options=f"The same with chunksize={CHUNK}, its best for tasks so small.",
        mapped=partial(pools.map_in_chunks, CHUNK),
    )
    yield pool(
        "multiprocessing.Pool",
        options="initializer=; imap_unordered with chunksize=1: each alone.",
        mapped=pools.unordered_one_by_one,
    )
    yield pool(
        "multiprocessing.Pool.map",
        options="The same with map and its own choice of chunks, its best for tasks so small.",
        mapped=pools.pool_map,
    )


RIVAL = Rival(
    "stdlib",
    "threading",
    None,
    [
        *pools.submit_ways(
            "thread",
            "ThreadPoolExecutor",
            ThreadPoolExecutor,
            "No option but the number of workers changes its speed; with threads its map knows no chunks.",
        ),
        *pools.apply_ways(
            "thread",
            "multiprocessing.pool.ThreadPool",
            ThreadPool,
            "apply_async for single tasks; map with its own choice of chunks, which is larger than any we would give.",
        ),
        *pools.apply_ways(
            "process",
            "multiprocessing.Pool",
            multiprocessing.get_context(METHOD).Pool,
            "forkserver as for all; apply_async for single tasks; map with its own choice of chunks.",
        ),
        *pools.submit_ways(
            "process",
            "ProcessPoolExecutor",
            open_processes,
            f"forkserver as for all; map with chunksize={CHUNK}, for its default of 1 is far slower.",
            mapped=partial(pools.map_in_chunks, CHUNK),
        ),
        *prepared_ways(),
        Way("fifo_queue", "queue.Queue", partial(open_queue, queue.Queue), "Unbounded: the least it has to do."),
        Way(
            "fifo_queue",
            "queue.SimpleQueue",
            partial(open_queue, queue.SimpleQueue),
            "Written in C, no option: the fastest queue of the standard library.",
        ),
        Way("lifo_queue", "queue.LifoQueue", partial(open_queue, queue.LifoQueue), "Unbounded."),
        Way("priority_queue", "queue.PriorityQueue", partial(open_queue, queue.PriorityQueue), "Unbounded."),
        Way(
            "decorated", "threading.Thread each", thread_each, "A thread for each call is what such a decorator saves."
        ),
        Way(
            "decorated",
            "ThreadPoolExecutor.submit",
            executor_submit,
            "Two threads that are kept, and no decorator: what one writes who will not start a thread for each call.",
        ),
        Way(
            "limiter",
            "threading.Semaphore",
            partial(limited, threading.Semaphore),
            "As a context manager around the call; cheaper than BoundedSemaphore, which checks its releases.",
        ),
        Way("loop", "absolute time.sleep", absolute_sleep, "Sleeps until a grid of times, so that it does not drift."),
        Way("loop", "Event.wait", event_wait, "The usual way to a loop that can be stopped; absolute times as well."),
        Way("loop", "asyncio call_at", asyncio_call_at, "call_at on absolute times: no task and no drift."),
    ],
)
