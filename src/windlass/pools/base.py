"""What every pool has beside its way to run tasks: states, counters, waiting and the registry."""

import itertools
import uuid as uuid_module
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import BrokenExecutor
from time import monotonic
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from windlass._core.clock import timeout_to_ns, timeout_to_seconds
from windlass._core.pool_dispatcher import PoolDispatcher
from windlass.errors import PoolClosed
from windlass.pools import registry
from windlass.pools.pool_statistics import PoolStatistics
from windlass.priority import DEFAULT_PRIORITY
from windlass.task import Task, as_completed

A = TypeVar("A")
T = TypeVar("T")

_numbers = itertools.count()


class BasePool(PoolDispatcher):
    """The part of a pool that does not depend on how it runs tasks.

    A subclass sets ``_crew`` up through ``_engage`` and provides ``_start_worker``.
    """

    as_completed = staticmethod(as_completed)

    _crew: Any

    if TYPE_CHECKING:  # what PoolDispatcher has and cannot type: it does not know Task

        @overload
        def submit(
            self,
            fn: Task[T],
            /,
            *,
            submit_task_priority: int | float | None = ...,
            submit_task_timeout: float | None = ...,
            submit_task_nowait: bool | None = ...,
            submit_task_autospawn: bool | None = ...,
        ) -> Task[T]: ...
        @overload
        def submit(
            self,
            fn: Callable[..., T],
            /,
            *args: Any,
            submit_task_priority: int | float | None = ...,
            submit_task_timeout: float | None = ...,
            submit_task_nowait: bool | None = ...,
            submit_task_autospawn: bool | None = ...,
            **kwargs: Any,
        ) -> Task[T]: ...
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any: ...  # noqa: D102
        def map(  # noqa: D102
            self,
            fn: Callable[..., T],
            pairs: Iterable[tuple[Iterable[Any], Mapping[str, Any] | None]],
            chunksize: int = 0,
            *,
            priority: int | float = DEFAULT_PRIORITY,
        ) -> list[Task[T]]: ...
        def submit_many(  # noqa: D102
            self, fn: Callable[[A], T], iterable: Iterable[A], *, priority: int | float = DEFAULT_PRIORITY
        ) -> list[Task[T]]: ...

    def _introduce(self, name: str, timeout: float | None) -> None:
        timeout_to_ns(timeout)
        self.uuid = str(uuid_module.uuid4())
        self.name = name or self.uuid
        self.number = next(_numbers)
        self._timeout = timeout
        registry.register(self, self._crew)

    def _check_options(self, task_timeout: object, inject_task: object, context: object) -> None:
        if task_timeout is not None:
            raise ValueError("task_timeout needs a process pool: a thread cannot be killed")

    # ---- counters ----

    @property
    def num_queued_tasks(self) -> int:
        """Tasks that wait."""
        return int(self._crew.queued)

    @property
    def num_active_tasks(self) -> int:
        """Tasks being run."""
        return int(self._crew.running)

    @property
    def unfinished_tasks(self) -> int:
        """Tasks that wait or are being run."""
        return int(self._crew.store.unfinished_tasks)

    @property
    def has_tasks(self) -> bool:
        """Whether any task waits or is being run."""
        return self.unfinished_tasks > 0

    @property
    def num_workers(self) -> int:
        """Workers serving or starting."""
        return int(self._crew.n_workers)

    @property
    def active_workers(self) -> int:
        """Workers that are at a task."""
        return self.num_workers - self.inactive_workers

    @property
    def inactive_workers(self) -> int:
        """Workers that sleep."""
        return int(self._crew.n_idle)

    @property
    def has_workers(self) -> bool:
        """Whether any worker serves or starts."""
        return self.num_workers > 0

    @property
    def needs_workers(self) -> bool:
        """Whether tasks wait that another worker could take."""
        return self.num_workers < self.max_workers and self.num_queued_tasks > self.inactive_workers

    @property
    def is_active(self) -> bool:
        """Whether it has both work and workers."""
        return self.has_tasks and self.has_workers

    @property
    def is_idle(self) -> bool:
        """The opposite of :attr:`is_active`."""
        return not self.is_active

    @property
    def max_workers(self) -> int:
        """Most workers at a time."""
        return int(self._crew.max_workers)

    @property
    def state(self) -> str:
        """``"INACTIVE"`` (no worker so far), ``"ACTIVE"``, ``"STOPPING"`` or ``"STOPPED"``."""
        if self._crew.closing:
            return "STOPPING" if self.has_workers or self.has_tasks else "STOPPED"
        return "ACTIVE" if self.has_workers else "INACTIVE"

    @property
    def taskQueue(self) -> Any:  # the seed's name
        """The queue: look into it, remove, reprioritise; put is refused."""
        return self._crew.store

    def statistics(self) -> PoolStatistics:
        """Return counts and times as of one moment."""
        return PoolStatistics(*self._crew.counters())

    # ---- waiting ----

    def wait_completion(self, timeout: float | None = None, block: bool = False) -> bool:
        """Wait until no task waits or runs.

        Args:
            timeout: Longest wait in seconds; None for no limit.
            block: Keep other threads' submits waiting meanwhile. The pool's own workers may go on.

        Returns:
            Whether that came about; False means that the time was over.

        Raises:
            RuntimeError: Called by a worker of this pool, whose own task is unfinished.
            TypeError, ValueError: ``timeout`` is not a number of seconds.
        """
        self._refuse_own_worker("wait for the completion")
        if not block:
            return bool(self._crew.store.join(timeout))
        self._crew.close_gate()
        try:
            return bool(self._crew.store.join(timeout))
        finally:
            self._crew.open_gate()

    def _refuse_own_worker(self, what: str) -> None:
        if self._crew.is_inside():
            raise RuntimeError(f"a worker cannot {what} of its own pool: it would wait for itself")

    def _refusal(self) -> Exception:
        if isinstance(self._crew.broken, BrokenExecutor):
            return self._crew.broken
        if registry.is_exiting():
            return PoolClosed("cannot schedule new tasks after interpreter shutdown")
        return PoolClosed("cannot schedule new tasks after shutdown")

    # ---- registry ----

    @classmethod
    def get_pool_by_name(cls, name: str) -> Self | None:
        """Return the oldest living pool of this name, or None. One that takes tasks goes before one that is closed."""
        found = cls.get_pools(name)
        return min(found, key=lambda pool: pool._crew.closing, default=None)

    @classmethod
    def get_pools(cls, name: str | None = None) -> list[Self]:
        """Return the living pools of this class, or those of one name, oldest first."""
        return [pool for pool in registry.pools(name) if isinstance(pool, cls)]

    @classmethod
    def join_pools(cls, timeout: float | None = 60) -> bool:
        """Join every living pool.

        Args:
            timeout: Longest wait for all of them together, in seconds; None for no limit.

        Returns:
            Whether all ended in time.
        """
        timeout = timeout_to_seconds(timeout)
        end = None if timeout is None else monotonic() + timeout
        pools: list[Any] = cls.get_pools()
        joined = [pool.join(None if end is None else max(0.0, end - monotonic())) for pool in pools]
        return all(joined)

    @classmethod
    def register_pool(cls, pool: Any) -> None:
        """Add a pool to the registry. Every pool does this itself when it is made."""
        if not isinstance(pool, BasePool):
            raise TypeError(f"pool must be a pool, not {type(pool).__name__}")
        registry.register(pool, pool._crew)
