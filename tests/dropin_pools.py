"""The standard ThreadPool and windlass's, for tests of what they have in common."""

import multiprocessing.pool
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.pool import ThreadPool as StandardThreadPool
from typing import Any

import pytest

from windlass.dropin.pool import ThreadPool

SECONDS = 20  # the limit of every wait

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


def istarmap(self: Any, func: Any, iterable: Any, chunksize: int = 1) -> Any:
    """A recipe that is often copied: a starmap that gives its values one by one, for a progress bar."""
    self._check_running()
    batches = multiprocessing.pool.Pool._get_tasks(func, iterable, chunksize)
    result = multiprocessing.pool.IMapIterator(self)
    tasks = self._guarded_task_generation(result._job, multiprocessing.pool.starmapstar, batches)
    self._taskqueue.put((tasks, result._set_length))
    return (item for chunk in result for item in chunk)
