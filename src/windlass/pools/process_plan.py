"""What a process pool's workers have in common."""

from dataclasses import dataclass

from windlass.processes.settings import WorkerSettings

ON_CRASH = ("fail", "retry", "break")


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """How the workers of one pool are made and how long they last.

    Attributes:
        method: The start method.
        settings: What each worker is told first.
        initializer_timeout: Longest start in seconds; None for no limit.
        task_timeout: Longest run of a task that has no limit of its own, seconds; None for no limit.
        max_tasks: After so many tasks a worker is replaced; 0 for never.
        max_memory: A worker that occupies more bytes is replaced between two tasks; 0 for never.
        on_crash: What a death does to the task that was being run: one of ``ON_CRASH``.
        max_crashes: How many workers a task may take down before it is not tried again.
    """

    method: str
    settings: WorkerSettings
    initializer_timeout: float | None
    task_timeout: float | None
    max_tasks: int
    max_memory: int
    on_crash: str
    max_crashes: int
