"""ThreadWorker: one thread with a queue of its own."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ParamSpec, TypeVar

from windlass._core.task_queue import PriorityTaskQueue
from windlass.pools.crew import PoolWorker, ThreadCrew
from windlass.pools.hidden_pool import HiddenPool
from windlass.pools.submitter import Submitter
from windlass.task import Task

P = ParamSpec("P")
T = TypeVar("T")


_FIRST = -(2**63)  # the most urgent priority there is


class _CrewOfOne(ThreadCrew):
    """A crew whose first thread exists already. Should that one be killed, a plain one takes its place."""

    first: "ThreadWorker | None" = None

    def make_worker(self, name: str, place: Any) -> PoolWorker:
        worker, self.first = self.first, None
        if worker is None:
            return super().make_worker(name, place)
        worker._place = place
        return worker


class ThreadWorker(PoolWorker):
    """A thread that runs the tasks of its own priority queue, one after the other.

    It starts with its first task, or by ``start()``.

    Args:
        target: What the thread calls first, or a Task to run; with it, the thread ends after what was submitted before
            its start.
        name: Of the thread.
        daemon: If True, the interpreter's exit drops what is queued and does not wait for what runs.
        args: Positional arguments of ``target``.
        kwargs: Keyword arguments of ``target``.

    Raises:
        TypeError: ``target`` is neither None nor callable.

    Thread safety:
        Safe on shared objects.
    """

    def __init__(
        self,
        target: Callable[..., Any] | None = None,
        *,
        name: str | None = None,
        daemon: bool = False,
        args: Iterable[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        if target is not None and not callable(target):
            raise TypeError(f"target must be callable or None, not {type(target).__name__}")
        store = PriorityTaskQueue()
        store.refuse_puts()
        crew = _CrewOfOne(store, 1, 0, None, daemon, name or "windlass-worker", None, ())
        super().__init__(crew, name or crew.prefix, None)
        crew.first = self
        self._pool = HiddenPool(crew)
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
        """Have ``fn(*args, **kwargs)`` called by the thread; start it if need be.

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
        """Take no more tasks; the thread ends after those that wait. Does not wait: see ``join``."""
        self._crew.finish()

    def stop(self) -> list[Task[Any]]:
        """Take no more tasks and cancel those that wait; return them. Does not wait: see ``join``."""
        self._crew.close()
        return self._crew.drain()

    @property
    def num_queued_tasks(self) -> int:
        """Tasks that wait."""
        return self._crew.queued
