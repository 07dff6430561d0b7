"""oneTBB's Python module: its pool of threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from rivals import pools
from rivals.rival import Rival
from rivals.stdlib import CHUNK


@contextmanager
def open_pool(workers: int) -> Iterator[Any]:
    from tbb import Pool

    with Pool(workers) as pool:
        yield pool


RIVAL = Rival(
    "tbb",
    "tbb",
    "tbb4py",
    pools.apply_ways(
        "thread",
        "tbb.Pool",
        open_pool,
        f"apply_async for single tasks; map with chunksize={CHUNK}, for its default is 1. What its scheduler does "
        "for numeric libraries is another matter.",
        mapped=partial(pools.map_in_chunks, CHUNK),
    ),
)
