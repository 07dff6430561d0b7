"""TaskMonitor: what a master or a pool tells whoever watches it."""


class TaskMonitor:
    """Base of monitors: override what is of interest. Each method does nothing here.

    A monitor is told one thing at a time, by whatever thread it happens on. What it raises is logged and hurts nobody.
    It may add tasks; it must not wait for any.

    Times are ``time.monotonic()`` seconds. Workers are numbered from 0 in the order they were added.
    """

    def on_worker_added(self, worker_idx: int, **kwargs: object) -> None:
        """A worker is to be started, with these arguments for its ``__init__``."""

    def on_worker_ready(self, worker_idx: int, pid: int) -> None:
        """It is ready for tasks: its ``__init__`` has returned. Told again for each process that replaces another."""

    def on_worker_died(self, worker_idx: int, error: BaseException) -> None:
        """Its process ended by a signal, a crash or ``os._exit``, or could not be started; another takes its place."""

    def on_worker_removed(self, worker_idx: int, error: BaseException | None) -> None:
        """It has left for good; with an error if it was given up."""

    def on_task_added(self, task_id: int, task: object) -> None:
        """A task waits; ``task`` is its argument, or its function in a pool."""

    def on_task_attached_to_worker(self, worker_idx: int, task_id: int) -> None:
        """A worker has been given a task, which it may begin later: it is given short ones in advance."""

    def on_task_returned(self, worker_idx: int, task_id: int) -> None:
        """A worker has had to give a task back that it had not begun."""

    def on_task_retried(self, worker_idx: int, task_id: int) -> None:
        """A task has taken a worker down, and is tried again."""

    def on_result_retrieved_from_worker(self, worker_idx: int, task_id: int) -> None:
        """A task has ended."""

    def on_task_ended(
        self, task_id: int, worker_idx: int | None, started: float, ended: float, error: BaseException | None
    ) -> None:
        """A task has ended, told after the one before.

        Args:
            task_id: Which.
            worker_idx: Whose it was; None if no worker ever had it.
            started: When its worker came to it; equal to ``ended`` if none did.
            ended: When its outcome was here.
            error: What it raised, or why it failed otherwise; None for a success.
        """

    def close(self) -> None:
        """The run, or the master, is over."""
