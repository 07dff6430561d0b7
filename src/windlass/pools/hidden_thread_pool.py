"""A thread pool behind something else, such as a decorator."""

from typing import Any

from windlass.pools.hidden_pool import HiddenPool
from windlass.pools.thread_pool import ThreadPool

# So many threads are started as soon as there may be work for them. More only when a worker has found more work than it
# can take: a burst of short calls must not start hundreds. Not one by one from the start, since a program may end
# right after it has called two functions that wait for each other, and CPython 3.12 starts no threads at its exit.
EAGER_WORKERS = 16


class HiddenThreadPool(HiddenPool, ThreadPool):
    """As :class:`windlass.ThreadPool`, but nobody finds it by its name, and it is slow to start very many threads."""

    def __init__(self, max_workers: int, **options: Any) -> None:
        super().__init__(max_workers, **options)
        self._crew.eager_workers = EAGER_WORKERS
