"""ThreadPool: threads that share one priority queue of tasks."""

from collections.abc import Callable, Iterable
from typing import Any

from windlass._core.task_queue import PriorityTaskQueue
from windlass.pools.crew import ThreadCrew
from windlass.pools.crew_pool import CrewPool, check_count, count_cpus
from windlass.task import Task


class ThreadPool(CrewPool):
    """Threads that share one priority queue.

    Args:
        max_workers: Most threads at a time; None for the CPUs of this process and 4 more, 32 at most.
        name: For the registry, see :meth:`get_pool_by_name`; the uuid if empty.
        min_workers: How many threads stay when idle. None is started before it is needed.
        max_queue: Most tasks that wait; 0 for no limit.
        rejection: What a submit to a full queue does: ``"block"`` (wait for room), ``"reject"`` (raise PoolFull),
            ``"caller_runs"``, ``"discard_oldest"`` (cancel the task that was submitted first) or ``"discard_lowest"``
            (cancel the latest of the least urgent, which may be the new one).
        idle_timeout: Seconds after which an idle thread above ``min_workers`` ends; None for never.
        daemon: If True, the interpreter's exit drops what is queued and does not wait for what runs. Otherwise queued
            work is finished first.
        timeout: Longest wait of ``join`` and ``shutdown`` where they are given none, seconds; None for no limit.
        prepopulate: Threads to start at once.
        initializer: Called with ``initargs`` on each thread before its first task. If it raises, the pool is broken:
            its tasks and later submits get BrokenPool.
        initargs: Its arguments.
        thread_name_prefix: Of the threads' names.
        tasks: An iterable of :class:`Task` to begin with.
        workerAutoKill: The older library's name: False means ``idle_timeout=None``.
        maxWorkers: The older library's name of ``max_workers``.

    Used in a ``with`` statement, it is shut down at the end, after its work is done.

    A pool that is dropped without a shutdown finishes its work, then its threads end.

    Raises:
        TypeError, ValueError: An argument is not of the kind described.

    Thread safety:
        Safe on shared objects.
    """

    _crew_type: type[ThreadCrew] = ThreadCrew

    def __init__(
        self,
        max_workers: int | None = None,
        *,
        name: str = "",
        min_workers: int = 0,
        max_queue: int = 0,
        rejection: str = "block",
        idle_timeout: float | None = 60.0,
        daemon: bool = False,
        timeout: float | None = None,
        prepopulate: int = 0,
        initializer: Callable[..., object] | None = None,
        initargs: tuple[Any, ...] = (),
        thread_name_prefix: str = "",
        tasks: Iterable[Task[Any]] | None = None,
        workerAutoKill: bool | None = None,  # the seed's names
        maxWorkers: int | None = None,
    ) -> None:
        if max_workers is None:
            max_workers = maxWorkers
        if initializer is not None and not callable(initializer):
            raise TypeError(f"initializer must be callable, not {type(initializer).__name__}")
        if workerAutoKill is False:
            idle_timeout = None
        workers = min(32, count_cpus() + 4) if max_workers is None else check_count("max_workers", max_workers, 1)
        store = PriorityTaskQueue(check_count("max_queue", max_queue, 0))
        store.refuse_puts()
        crew = self._crew_type(
            store,
            workers,
            check_count("min_workers", min_workers, 0),
            idle_timeout,
            daemon,
            thread_name_prefix or name or "windlass",
            initializer,
            tuple(initargs),
        )
        self._engage(crew, Task, rejection)
        self._introduce(name, timeout)
        self.setup_workers(check_count("prepopulate", prepopulate, 0))
        for task in tasks or ():
            self.submit(task)
