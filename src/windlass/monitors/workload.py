"""WorkloadCounter, WorkloadMaxCounter: how many tasks each worker has."""

import sys

from windlass.monitors.task_monitor import TaskMonitor

# Moves the cursor of a terminal to its first line and column.
TOP_LEFT = "\033[0;0H"


class WorkloadCounter(TaskMonitor):
    """Counts the tasks that each worker has; print it to see them.

    Args:
        display_at_top: On a terminal, each print goes over the one before, at the top.
    """

    def __init__(self, display_at_top: bool = True) -> None:
        self._display_at_top = display_at_top
        self._counts: dict[int, int] = {}

    @property
    def counts(self) -> dict[int, int]:
        """Tasks by worker."""
        return dict(self._counts)

    def on_worker_added(self, worker_idx: int, **kwargs: object) -> None:
        """Begin at 0."""
        self._counts.setdefault(worker_idx, 0)

    def on_worker_removed(self, worker_idx: int, error: BaseException | None) -> None:
        """Forget the worker."""
        self._counts.pop(worker_idx, None)

    def on_task_attached_to_worker(self, worker_idx: int, task_id: int) -> None:
        """One more."""
        self._change(worker_idx, 1)

    def on_task_returned(self, worker_idx: int, task_id: int) -> None:
        """One less."""
        self._change(worker_idx, -1)

    def on_task_retried(self, worker_idx: int, task_id: int) -> None:
        """One less."""
        self._change(worker_idx, -1)

    def on_result_retrieved_from_worker(self, worker_idx: int, task_id: int) -> None:
        """One less."""
        self._change(worker_idx, -1)

    def _change(self, worker_idx: int, by: int) -> None:
        self._counts[worker_idx] = self._counts.get(worker_idx, 0) + by

    def _lines(self) -> list[str]:
        return [f"{worker_idx}:\t{count}" for worker_idx, count in self.counts.items()]

    def __repr__(self) -> str:
        start = TOP_LEFT if self._display_at_top and sys.stdout is not None and sys.stdout.isatty() else ""
        return start + "\n".join(self._lines())


class WorkloadMaxCounter(WorkloadCounter):
    """As :class:`WorkloadCounter`, with the most that each worker has had, and how many tasks have ended.

    Args:
        display_at_top: On a terminal, each print goes over the one before, at the top.
    """

    def __init__(self, display_at_top: bool = True) -> None:
        super().__init__(display_at_top)
        self._most: dict[int, int] = {}
        self.added = 0
        self.ended = 0

    @property
    def most(self) -> dict[int, int]:
        """The most tasks that each worker has had at once."""
        return dict(self._most)

    def on_task_added(self, task_id: int, task: object) -> None:
        """Count it."""
        self.added += 1

    def on_task_ended(
        self, task_id: int, worker_idx: int | None, started: float, ended: float, error: BaseException | None
    ) -> None:
        """Count it."""
        self.ended += 1

    def _change(self, worker_idx: int, by: int) -> None:
        super()._change(worker_idx, by)
        self._most[worker_idx] = max(self._most.get(worker_idx, 0), self._counts[worker_idx])

    def _lines(self) -> list[str]:
        most = self.most
        counts = [f"{worker_idx}:\t{count} ({most.get(worker_idx, 0)})" for worker_idx, count in self.counts.items()]
        return [f"{self.ended} of {self.added}", *counts]
