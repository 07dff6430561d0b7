"""loky: the executor behind joblib."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from rivals import pools
from rivals.rival import Rival
from rivals.stdlib import CHUNK


@contextmanager
def open_pool(workers: int, **options: Any) -> Iterator[Any]:
    from loky import get_reusable_executor

    pool = get_reusable_executor(workers, timeout=None, **options)
    try:
        yield pool
    finally:
        pool.shutdown()


OPTIONS = (
    "get_reusable_executor, as its documentation advises, with no time after which idle workers leave; "
    f"its own start method; map with chunksize={CHUNK}, for its default is 1."
)
CALLS: Any = {
    "each": pools.submit_each,
    "trip": pools.submit_trip,
    "mapped": partial(pools.map_in_chunks, CHUNK),
}
RIVAL = Rival(
    "loky",
    "loky",
    "loky",
    [
        *pools.pool_ways("process", "loky", open_pool, OPTIONS, **CALLS),
        pools.prepared_way("loky", open_pool, f"initializer=; {OPTIONS}", **CALLS),
    ],
)
