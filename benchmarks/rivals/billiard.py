"""billiard: Celery's fork of multiprocessing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rivals import pools
from rivals.rival import Rival
from rivals.stdlib import METHOD


@contextmanager
def open_pool(workers: int) -> Iterator[Any]:
    import billiard

    pool = billiard.get_context(METHOD).Pool(workers)
    try:
        yield pool
        pool.close()
        pool.join()
    finally:
        pool.terminate()


RIVAL = Rival(
    "billiard",
    "billiard",
    "billiard",
    pools.pool_ways(
        "process",
        "billiard.Pool",
        open_pool,
        f"{METHOD} as for all; apply_async for single tasks; map with its own choice of chunks.",
        each=pools.apply_each,
        trip=pools.apply_trip,
        mapped=pools.pool_map,
    ),
)
