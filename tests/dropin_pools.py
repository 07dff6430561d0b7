"""The standard ThreadPool and windlass's, for tests of what they have in common."""

from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.pool import ThreadPool as StandardThreadPool
from typing import Any

import pytest

from windlass.dropin.pool import ThreadPool

SECONDS = 10  # the limit of every wait

# Where the behaviour is shared, the same test passes on both.
each_pool = pytest.mark.parametrize("kind", [StandardThreadPool, ThreadPool], ids=["standard", "windlass"])


@contextmanager
def running(kind: Any = ThreadPool, processes: int = 2, **settings: Any) -> Iterator[Any]:
    pool = kind(processes, **settings)
    try:
        yield pool
        pool.close()
    except BaseException:
        pool.terminate()
        raise
    pool.join()
