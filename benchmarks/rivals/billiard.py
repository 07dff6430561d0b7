"""billiard: Celery's fork of multiprocessing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rivals import pools
from rivals.rival import Rival
from rivals.stdlib import METHOD


@contextmanager
def open_pool(workers: int, **options: Any) -> Iterator[Any]:
    import billiard

    pool = billiard.get_context(METHOD).Pool(workers, **options)
    try:
        yield pool
        pool.close()
        pool.join()
    finally:
        pool.terminate()


OPTIONS = f"{METHOD} as for all; apply_async for single tasks; map with its own choice of chunks."
CALLS: Any = {"each": pools.apply_each, "trip": pools.apply_trip, "mapped": pools.pool_map}
RIVAL = Rival(
    "billiard",
    "billiard",
    "billiard",
    [
        *pools.pool_ways("process", "billiard.Pool", open_pool, OPTIONS, **CALLS),
        pools.prepared_way("billiard.Pool", open_pool, f"initializer=; {OPTIONS}", **CALLS),
    ],
)
