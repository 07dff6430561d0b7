"""mpire: WorkerPool, with threads and with processes."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from rivals import pools
from rivals.rival import Rival, Way
from rivals.stdlib import METHOD

OPTIONS = "keep_alive=True, so that the workers survive a map; "


@contextmanager
def open_pool(method: str, workers: int) -> Iterator[Any]:
    from mpire import WorkerPool

    with WorkerPool(workers, start_method=method, keep_alive=True) as pool:
        yield pool
        # Its __exit__ terminates the workers; they end by themselves, as do those of the others.
        pool.stop_and_join()


@contextmanager
def open_prepared(workers: int, prepare: pools.Function, argument: Any) -> Iterator[pools.Prepared]:
    with open_pool(METHOD, workers) as pool:
        initial = partial(prepare, argument)  # one object: another one, though equal, would restart the workers
        pool.map(pools.nap, range(pools.NAPS_PER_WORKER * workers), worker_init=initial)
        yield pools.Prepared(partial(mapped, pool, worker_init=initial), partial(round_trip, pool))


def round_trip(pool: Any, fn: pools.Function, argument: Any) -> Any:
    return pool.apply_async(fn, (argument,)).get()


def mapped(pool: Any, fn: pools.Function, arguments: Iterable[Any], **options: Any) -> list[Any]:
    values: list[Any] = pool.map(fn, arguments, **options)
    return values


ways = partial(pools.apply_ways, trip=round_trip, mapped=mapped)
RIVAL = Rival(
    "mpire",
    "mpire",
    "mpire",
    [
        *ways(
            "thread",
            "mpire (threading)",
            partial(open_pool, "threading"),
            OPTIONS + "apply_async for single tasks; map with its own choice of chunks (64 for each worker).",
        ),
        *ways(
            "process",
            "mpire",
            partial(open_pool, METHOD),
            OPTIONS + f"{METHOD} as for all; apply_async for single tasks; map with its own choice of chunks.",
        ),
        Way(
            "prepared",
            "mpire",
            open_prepared,
            OPTIONS
            + "worker_init= with a global; a worker_state would be one more argument of each call. Its own chunks.",
        ),
    ],
)
