"""``lib.master``."""

from typing import Any

import windlass.master.master as master
from windlass.dropin.dumbpipelinebox.worker import Worker
from windlass.master.call import Call
from windlass.master.worker import run_task
from windlass.priority import DEFAULT_PRIORITY

__all__ = ["Master"]


class Master(master.Master):
    """As :class:`windlass.Master`, of workers of one class, with the older ways to deliver a task."""

    def add_worker(self, **kwargs: Any) -> int:  # type: ignore[override]  # all keywords are the worker's
        """Start a worker; all arguments are for its ``__init__``."""
        return self._add_worker(None, (), kwargs)

    def deliver_task_to_worker(self, worker_idx: int, task: tuple[int, Any]) -> None:
        """Have a certain worker run a task.

        Args:
            worker_idx: Its number, from 0.
            task: The number it is to have, and the argument; a ``Worker.Halt()`` lets the worker end.
        """
        task_id, argument = task
        if isinstance(argument, Worker.Halt):
            self.remove_worker(worker_idx, timeout=0)
            return
        station = self._station(worker_idx)
        self._hub.add(Call(task_id, run_task, (argument,), DEFAULT_PRIORITY, None, None, station), None)

    def deliver_task_to_all_workers(self, task: tuple[int, Any]) -> None:  # type: ignore[override]
        """Have each worker run a task: its number and its argument. There is a result of each."""
        for worker_idx in self.workers:
            self.deliver_task_to_worker(worker_idx, task)

    def deliver_task_to_idle_worker(self, task: tuple[int, Any]) -> bool:
        """Have a worker that has nothing to do run a task; return False if there is none."""
        for figures in self.statistics().workers:
            if figures.state == "idle":
                self.deliver_task_to_worker(figures.number, task)
                return True
        return False

    def join_all_workers(self) -> None:
        """Wait for the workers to end, ``HALT_TIMEOUT`` at the most."""
        self.halt(join=True)

    def terminate_all_workers(self) -> None:
        """End the workers, whatever they are at."""
        self.halt(join=False)

    def __exit__(self, kind: type[BaseException] | None, error: object, traceback: object) -> bool:  # type: ignore[override]
        """Halt; Ctrl-C ends here, as it did there."""
        super().__exit__(kind, error, traceback)
        return kind is not None and issubclass(kind, KeyboardInterrupt)
