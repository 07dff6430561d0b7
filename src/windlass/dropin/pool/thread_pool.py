"""ThreadPool: the interface of :class:`multiprocessing.pool.ThreadPool` on windlass's engine."""

import itertools
import multiprocessing
import multiprocessing.pool as standard
from collections.abc import Callable, Iterable
from typing import Any

from windlass._core.item_store import ItemStore
from windlass.dropin.pool.engine import Engine, EngineCrew
from windlass.dropin.pool.process_pool import Pool
from windlass.pools.crew import PoolWorker

_numbers = itertools.count(1)


class ThreadWorker(PoolWorker):
    """A thread that is asked as the standard pool's are, which look like processes."""

    @property
    def exitcode(self) -> int | None:
        """0 when it has ended, None before."""
        return None if self.ident is None or self.is_alive() else 0


class ThreadEngineCrew(EngineCrew):
    """The threads of an engine. Arguments as of the pool."""

    def __init__(self, processes: int, initializer: Callable[..., object] | None, initargs: Iterable[Any]) -> None:
        prefix = f"ThreadPool-{next(_numbers)}"
        super().__init__(ItemStore(), processes, processes, None, True, prefix, initializer, tuple(initargs))

    def make_worker(self, name: str, place: Any) -> ThreadWorker:
        """Return a thread that has not been started."""
        return ThreadWorker(self, name, place)


class ThreadPool(Pool, standard.ThreadPool):
    """A pool of threads: an instance of the standard class by name, with none of its state.

    Args:
        processes: How many threads; None for the CPUs of this process.
        initializer: Called with ``initargs`` on each thread before its first call. If it raises, the pool is broken:
            pending and later calls get BrokenPool.
        initargs: Its arguments.

    Raises:
        ValueError: ``processes`` is less than 1.
        TypeError: ``initializer`` is not callable.

    Thread safety:
        Safe on shared objects.
    """

    _maxtasksperchild = None

    def __init__(
        self,
        processes: int | None = None,
        initializer: Callable[..., object] | None = None,
        initargs: Iterable[Any] = (),
    ) -> None:
        processes = self._check(processes, initializer)
        self._initializer = initializer
        self._initargs = initargs
        self._ctx = multiprocessing.get_context()
        self._begin(Engine(ThreadEngineCrew(processes, initializer, initargs)))

    # ---- names of the standard class that real code reads ----

    @property
    def _pool(self) -> list[PoolWorker]:
        return self._engine.workers


ThreadPool.__module__ = "windlass.dropin.pool"  # where it is imported from, for its repr and for help()
