"""ProcessPool: worker processes that share one priority queue of tasks."""

from collections.abc import Callable, Iterable
from typing import Any

from windlass._core.clock import timeout_to_seconds
from windlass._core.task_queue import PriorityTaskQueue
from windlass.errors import TaskCancelled
from windlass.pools.crew_pool import CrewPool, check_count, count_cpus
from windlass.pools.process_crew import ProcessCrew
from windlass.pools.process_plan import ON_CRASH, ProcessPlan
from windlass.processes.relay import root_level
from windlass.processes.settings import WorkerSettings
from windlass.processes.start import check_method
from windlass.task import Task


def check_limit(name: str, value: float | None) -> float | None:
    """Return a limit in seconds that is more than 0, or None for none; or say what is wrong with it."""
    seconds = timeout_to_seconds(value)
    if seconds is not None and seconds <= 0:
        raise ValueError(f"{name} must be more than 0 seconds, not {value}")
    return seconds


class ProcessPool(CrewPool):
    """Worker processes that share one priority queue.

    A worker that dies costs the task it was at, and nothing else: the task gets :class:`windlass.WorkerDied`, or is
    tried again, and another worker takes its place. What is sent must pickle; functions that do not are sent by value.

    Args:
        max_workers: Most processes at a time; None for the CPUs of this process.
        name: For the registry, see :meth:`get_pool_by_name`; the uuid if empty.
        start_method: ``"forkserver"``, ``"spawn"`` or ``"fork"``; None for forkserver where it exists, else spawn.
        min_workers: How many processes stay when idle. None is started before it is needed.
        max_queue: Most tasks that wait; 0 for no limit.
        rejection: What a submit to a full queue does, see :class:`windlass.ThreadPool`.
        idle_timeout: Seconds after which an idle process above ``min_workers`` ends; None for never.
        daemon: If True, the interpreter's exit drops what is queued and ends what runs. Otherwise queued work is
            finished first.
        timeout: Longest wait of ``join`` and ``shutdown`` where they are given none, seconds; None for no limit.
        prepopulate: Processes to start at once.
        initializer: Called with ``initargs`` in each process before its first task. What it returns is
            :func:`windlass.worker_state` for the tasks. If it raises, the pool is broken: its tasks and later submits
            get BrokenPool.
        initargs: Its arguments.
        initializer_timeout: Longest start of a process with its initializer, seconds; None for no limit. After that
            the pool is broken.
        task_timeout: Seconds a task may run, by default; then its worker is killed and replaced, and it gets
            :class:`windlass.TaskTimeout`. None for no limit. ``options(task_timeout=...)`` has one for each task.
        max_tasks_per_worker: After so many tasks a process is replaced; None for never. A chunk of ``imap`` is one.
        max_memory_per_worker: A process found to occupy more bytes than this is replaced between two tasks; None for
            never.
        on_crash: What the death of a worker does to the task it was at: ``"fail"`` it, ``"retry"`` it, or
            ``"break"`` the pool.
        max_crashes: With ``"retry"``: a task that has taken down so many workers gets :class:`windlass.PoisonTask`.
        process_name_prefix: Of the names of processes and of the threads that attend them.
        tasks: An iterable of :class:`Task` to begin with.
        workerAutoKill: The older library's name: False means ``idle_timeout=None``.
        maxWorkers: The older library's name of ``max_workers``.

    Used in a ``with`` statement, it is shut down at the end, after its work is done; but Ctrl-C in the block or at its
    end ends what runs and cancels what waits, see :meth:`terminate`. A program that starts processes other than by fork
    keeps its top level under ``if __name__ == "__main__":``.

    Raises:
        TypeError, ValueError: An argument is not of the kind described.

    Thread safety:
        Safe on shared objects.
    """

    _crew_type: type[ProcessCrew] = ProcessCrew

    def __init__(
        self,
        max_workers: int | None = None,
        *,
        name: str = "",
        start_method: str | None = None,
        min_workers: int = 0,
        max_queue: int = 0,
        rejection: str = "block",
        idle_timeout: float | None = 60.0,
        daemon: bool = False,
        timeout: float | None = None,
        prepopulate: int = 0,
        initializer: Callable[..., object] | None = None,
        initargs: tuple[Any, ...] = (),
        initializer_timeout: float | None = None,
        task_timeout: float | None = None,
        max_tasks_per_worker: int | None = None,
        max_memory_per_worker: int | None = None,
        on_crash: str = "fail",
        max_crashes: int = 3,
        process_name_prefix: str = "",
        tasks: Iterable[Task[Any]] | None = None,
        workerAutoKill: bool | None = None,  # the seed's names
        maxWorkers: int | None = None,
    ) -> None:
        if max_workers is None:
            max_workers = maxWorkers
        if workerAutoKill is False:
            idle_timeout = None
        if initializer is not None and not callable(initializer):
            raise TypeError(f"initializer must be callable, not {type(initializer).__name__}")
        if on_crash not in ON_CRASH:
            raise ValueError(f"on_crash must be one of {', '.join(ON_CRASH)}, not {on_crash!r}")
        max_memory = (
            0 if max_memory_per_worker is None else check_count("max_memory_per_worker", max_memory_per_worker, 1)
        )
        plan = ProcessPlan(
            check_method(start_method),
            WorkerSettings(initializer, tuple(initargs), root_level(), max_memory > 0),
            check_limit("initializer_timeout", initializer_timeout),
            check_limit("task_timeout", task_timeout),
            0 if max_tasks_per_worker is None else check_count("max_tasks_per_worker", max_tasks_per_worker, 1),
            max_memory,
            on_crash,
            check_count("max_crashes", max_crashes, 1),
        )
        store = PriorityTaskQueue(check_count("max_queue", max_queue, 0))
        store.refuse_puts()
        crew = self._crew_type(
            plan,
            store,
            count_cpus() if max_workers is None else check_count("max_workers", max_workers, 1),
            check_count("min_workers", min_workers, 0),
            idle_timeout,
            daemon,
            process_name_prefix or name or "windlass",
        )
        self._engage(crew, Task, rejection)
        self._introduce(name, timeout)
        self.setup_workers(check_count("prepopulate", prepopulate, 0))
        for task in tasks or ():
            self.submit(task)

    @property
    def start_method(self) -> str:
        """How its processes are started."""
        return str(self._crew.plan.method)

    def _check_options(self, task_timeout: Any, inject_task: object, context: object) -> None:
        check_limit("task_timeout", task_timeout)
        if inject_task:
            raise ValueError("inject_task needs a thread pool: a task stays in its own process")
        if context is not None:
            raise ValueError("context needs a thread pool: it cannot be carried to another process")

    # ---- the end, by force ----

    def cancel(self, task: Task[Any]) -> bool:
        """Cancel a task even if it runs: then its worker is killed and replaced.

        A task that had started ends with :class:`windlass.TaskCancelled` as its exception.

        Args:
            task: One of this pool's.

        Returns:
            Whether it was cancelled or is being ended; False if it had ended or is not this pool's.
        """
        return task.cancel() or self._crew.end_running(TaskCancelled("the task was cancelled while it ran"), task)

    def shutdown(
        self,
        wait: bool = True,
        *,
        cancel_futures: bool = False,
        timeout: float | None = None,
        unsafe: bool | None = None,
    ) -> bool:
        """Take no more tasks, and wait for the end of those accepted.

        Args:
            wait: Whether to wait.
            cancel_futures: Cancel the tasks that have not started.
            timeout: Longest wait in seconds; None for the pool's own, which may be no limit.
            unsafe: True: cancel what waits, and kill the workers of what runs; see :meth:`terminate`.

        Returns:
            Whether all workers have ended.

        Raises:
            RuntimeError: ``wait`` in a callback that one of the pool's own threads runs.
            ValueError: The timeout is negative or no number.
        """
        if unsafe:
            timeout_to_seconds(timeout)  # what it refuses, it refuses before anything is ended
            self.terminate()
        return super().shutdown(wait, cancel_futures=cancel_futures, timeout=timeout)

    def terminate(self) -> list[Task[Any]]:
        """Take no more tasks, cancel those that wait and kill the workers of those that run. Does not wait.

        Workers that are being started are killed too, even in an initializer that never ends.

        Returns:
            The cancelled tasks. Those that ran get :class:`windlass.TaskCancelled` as their exception.
        """
        waiting = self.stop()
        self._crew.end_all(TaskCancelled("the pool was terminated before the task had ended"))
        return waiting

    def __exit__(self, kind: object = None, *error: object) -> None:
        if isinstance(kind, type) and issubclass(kind, KeyboardInterrupt):
            self.terminate()  # whoever presses Ctrl-C does not want to wait for the work
        try:
            super().__exit__(kind, *error)
        except KeyboardInterrupt:
            self.terminate()
            raise
