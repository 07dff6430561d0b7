"""ProcessWorker: one process with a queue of its own."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from windlass.pools.hidden_process_pool import HiddenProcessPool
from windlass.pools.lone_worker import CrewOfOne, LoneWorker
from windlass.pools.process_crew import ProcessCrew
from windlass.pools.process_crew import ProcessWorker as PoolProcessWorker
from windlass.task import Task


class _ProcessCrewOfOne(CrewOfOne, ProcessCrew):
    pass


class _PoolOfOne(HiddenProcessPool):
    _crew_type = _ProcessCrewOfOne


class ProcessWorker(LoneWorker, PoolProcessWorker):
    """A process that runs the tasks of its own priority queue, one after the other.

    It is the thread that attends the process, and starts it with its first task, or by ``start()``. If the process
    dies, the task it was at gets :class:`windlass.WorkerDied`, and another process does the rest.

    Args:
        target: What the process calls first, or a Task to run; with it, the worker ends after what was submitted before
            its start.
        name: Of the thread and of the process.
        daemon: If True, the interpreter's exit drops what is queued and ends what runs.
        args: Positional arguments of ``target``.
        kwargs: Keyword arguments of ``target``.
        options: Of the process, as :class:`windlass.ProcessPool` has them: start_method, initializer, initargs,
            task_timeout and others.

    Raises:
        TypeError, ValueError: An argument is not of the kind described.

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
        **options: Any,
    ) -> None:
        prefix = name or "windlass-worker"
        pool = _PoolOfOne(1, idle_timeout=None, daemon=daemon, process_name_prefix=prefix, **options)
        super().__init__(pool, name, target, args, kwargs)

    def cancel(self, task: Task[Any]) -> bool:
        """Cancel one of its tasks even if it runs: see :meth:`windlass.ProcessPool.cancel`."""
        return self._pool.cancel(task)  # type: ignore[attr-defined, no-any-return]

    def terminate(self) -> list[Task[Any]]:
        """Take no more tasks, cancel those that wait and kill the process. Does not wait: see ``join``.

        Returns:
            The cancelled tasks. One that ran gets :class:`windlass.TaskCancelled` as its exception.
        """
        return self._pool.terminate()  # type: ignore[attr-defined, no-any-return]
