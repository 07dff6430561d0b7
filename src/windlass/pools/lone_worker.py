"""What a worker has that is a pool of its own: a queue, and ways to put something into it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ParamSpec, TypeVar

from windlass.pools.base import BasePool
from windlass.pools.crew import PoolWorker
from windlass.pools.submitter import Submitter
from windlass.task import Task

P = ParamSpec("P")
T = TypeVar("T")


_FIRST = -(2**63)  # the most urgent priority there is


class CrewOfOne:
    """Stands above a crew whose first worker exists already. Should that one be killed, a plain one takes its place."""

    first: "LoneWorker | None" = None

    def make_worker(self, name: str, place: Any) -> PoolWorker:
        """Return a thread that has not been started."""
        worker, self.first = self.first, None
        if worker is None:
            return super().make_worker(name, place)  # type: ignore[misc, no-any-return]
        worker._place = place
        return worker


class LoneWorker(PoolWorker):
    """A worker with a pool of its own, of which nobody else knows.

    Args:
        pool: The pool; its crew is a :class:`CrewOfOne`.
        name: Of the thread.
        target: What is called first, or a Task to run; with it, the worker ends after what was submitted before its
            start.
        args: Positional arguments of ``target``.
        kwargs: Keyword arguments of ``target``.
    """

    def __init__(
        self,
        pool: BasePool,
        name: str | None,
        target: Callable[..., Any] | None,
        args: Iterable[Any],
        kwargs: Mapping[str, Any] | None,
    ) -> None:
        if target is not None and not callable(target):
            raise TypeError(f"target must be callable or None, not {type(target).__name__}")
        crew = pool._crew
        super().__init__(crew, name or crew.prefix, None)
        crew.first = self
        self._pool = pool
        self._first: Task[Any] | None = None
        if isinstance(target, Task):
            self._first = target
        elif target is not None:
            self._first = Task(target, args, dict(kwargs or {}), priority=_FIRST)

    def start(self) -> None:
        """Start the thread.

        Raises:
            RuntimeError: It was started before, or no thread can be started.
        """
        if self._place is None and self._crew.reserve(True):
            self._crew.start_worker()  # which calls this method once more
            return
        if self._first is not None:
            self._pool.submit(self._first, submit_task_autospawn=False)
            self._crew.close()
        super().start()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Task[T]:
        """Have the worker call ``fn(*args, **kwargs)``; start it if need be.

        Returns:
            The task.

        Raises:
            PoolClosed: It takes no more tasks.
            TypeError: ``fn`` is not callable.
        """
        task: Task[T] = self._pool.submit_call(fn, args, kwargs)
        return task

    def options(self, **options: Any) -> Submitter:
        """Return a submitter with these options: see :class:`windlass.pools.submitter.Submitter`."""
        return Submitter(self._pool, **options)

    def close(self) -> None:
        """Take no more tasks; the worker ends after those that wait. Does not wait: see ``join``."""
        self._crew.finish()

    def stop(self) -> list[Task[Any]]:
        """Take no more tasks and cancel those that wait; return them. Does not wait: see ``join``."""
        self._crew.close()
        return self._crew.drain()

    @property
    def num_queued_tasks(self) -> int:
        """Tasks that wait."""
        return self._crew.queued
