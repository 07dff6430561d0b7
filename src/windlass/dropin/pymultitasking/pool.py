"""The pools, as PyMultiTasking spells them."""

from collections.abc import Iterable
from typing import Any

from windlass.pools.crew_pool import CrewPool
from windlass.pools.process_pool import ProcessPool as _ProcessPool
from windlass.pools.thread_pool import ThreadPool as _ThreadPool
from windlass.task import Task


class OlderPool(CrewPool):
    """Stands above a pool of windlass, and takes the arguments of the older one's methods.

    Args:
        maxWorkers: Most workers at a time; None for as many as the newer pool has.
        tasks: Tasks to begin with: a list, or a queue of them.
        daemon: If True, the interpreter's exit drops what is queued, and processes end with what they run. There, True
            was the default, and False kept the constructor from returning before all was done.
        timeout: Longest wait of ``join`` and ``shutdown``, seconds; None for no limit.
        workerAutoKill: Whether idle workers end after a minute.
        prepopulate: Workers to start at once.
        name: For the registry.
        log: Has nothing left to do.
        max_workers: A newer name of ``maxWorkers``.
    """

    def __init__(
        self,
        maxWorkers: int | None = None,
        tasks: Any = None,
        daemon: bool = False,
        timeout: float | None = 60,
        workerAutoKill: bool = True,
        prepopulate: int = 0,
        name: str = "",
        log: Any = None,
        *,
        max_workers: int | None = None,
        **others: Any,
    ) -> None:
        super().__init__(  # type: ignore[call-arg]  # the newer pool's, which stands below
            maxWorkers if max_workers is None else max_workers,
            tasks=_tasks_of(tasks),
            daemon=daemon,
            timeout=timeout,
            workerAutoKill=workerAutoKill,
            prepopulate=prepopulate,
            name=name,
            **others,
        )

    @property
    def ignoredTasks(self) -> list[Any]:
        """Always empty: what a shutdown does not run is cancelled."""
        return []

    def wait_completion(  # type: ignore[override]
        self, timeout: float | None = None, delay: float = 0.1, block: bool = False
    ) -> bool:
        """Wait until no task waits or runs; ``delay`` has nothing left to do."""
        return super().wait_completion(timeout, block)

    def shutdown(self, timeout: float | None = None, unsafe: bool | None = None) -> bool:  # type: ignore[override]
        """Finish the tasks and end the workers; see the ``shutdown`` of the newer pool."""
        return super().shutdown(True, timeout=timeout, unsafe=unsafe)

    def remove_worker(
        self, workerTooRemove: Any = None, timeout: float | None = 30, allow_abandon: bool = False
    ) -> bool:
        """Have a worker end after its task; ``allow_abandon`` has nothing left to do."""
        return super().remove_worker(workerTooRemove, timeout)

    def add_worker(self, workerAutoKill: bool | None = None, allow_restart: bool = False, **others: Any) -> bool:
        """Start one more worker; the arguments have nothing left to do."""
        return super().add_worker()

    def setup_workers(
        self, numOfWorkers: int = 1, workerAutoKill: bool | None = None, allow_restart: bool = False
    ) -> bool:
        """Start more workers; the last two arguments have nothing left to do."""
        return super().setup_workers(numOfWorkers)

    @classmethod
    def get_pool_by_name(cls, name: str, timeout: float = 60) -> Any:
        """Return the oldest living pool of this name, or None; ``timeout`` has nothing left to do."""
        return super().get_pool_by_name(name)

    @classmethod
    def get_pools(cls, name: str | None = None, timeout: float = 60) -> list[Any]:
        """Return the living pools, or those of one name; ``timeout`` has nothing left to do."""
        return super().get_pools(name)

    @classmethod
    def register_pool(cls, pool: Any, timeout: float = 60) -> None:
        """Add a pool to the registry; every pool does this itself. ``timeout`` has nothing left to do."""
        super().register_pool(pool)


class ThreadPool(OlderPool, _ThreadPool):
    """As :class:`windlass.ThreadPool`, with the arguments of :class:`OlderPool`."""


class ProcessPool(OlderPool, _ProcessPool):  # type: ignore[misc]  # an older shutdown has other arguments
    """As :class:`windlass.ProcessPool`, with the arguments of :class:`OlderPool`.

    By default it has as many processes as there are processors for this process. There, it was half of them.
    """


def _tasks_of(tasks: Any) -> Iterable[Task[Any]]:
    """Return the tasks of a list or a queue, which is emptied."""
    if tasks is None or not hasattr(tasks, "get_nowait"):
        return tasks or ()
    return [tasks.get_nowait() for _ in range(tasks.qsize())]
