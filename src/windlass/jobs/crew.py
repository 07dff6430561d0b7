"""Who works a shift: the ships, which run jobs, and the clerk, who stores them."""

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

from windlass.jobs.job import Job
from windlass.jobs.processes import JobProcesses
from windlass.pools.thread_pool import ThreadPool
from windlass.task import Task


class DockCrew:
    """The threads of one shift, and its child processes if it has any.

    A ship is a thread in either case. Where jobs run in child processes it waits there for one of them, and so a job
    that has not begun can be taken back, whichever it is.

    Args:
        name: Of the shift.
        ship_count: Most jobs at a time.
        in_processes: Whether jobs run in child processes.
        daemon: Whether the interpreter may exit while they run.
    """

    def __init__(self, name: str, ship_count: int, in_processes: bool, daemon: bool) -> None:
        self.processes: JobProcesses | None = None
        self.call: Callable[[Callable[..., Any], Mapping[str, Any]], Any] = _call_here
        if in_processes:
            self.processes = JobProcesses(ship_count)
            self.call = self.processes.call
        # One thread of each stays, since at its exit the interpreter may refuse to start more, as CPython 3.12 does.
        self.ships = ThreadPool(ship_count, name=f"{name}-ships", min_workers=1, prepopulate=1, daemon=daemon)
        self.clerk = ThreadPool(1, name=f"{name}-clerk", min_workers=1, prepopulate=1, daemon=daemon)

        self._grows = True

    def sail(self, voyage: Callable[..., None], job: Job) -> Task[None]:
        """Have ``voyage(call, job)`` called on a ship."""
        return self.ships.submit(voyage, self.call, job, submit_task_autospawn=self._grows)

    def grow_no_more(self) -> None:
        """Make do with the threads and child processes that there are."""
        self._grows = False
        if self.processes is not None:
            self.processes.grow_no_more()

    def is_inside(self) -> bool:
        """Return whether the calling thread is one of the crew."""
        return bool(self.ships._crew.is_inside() or self.clerk._crew.is_inside())

    def close(self) -> None:
        """Let the threads go, which have nothing left to do. Does not wait."""
        # The processes stay until the ships have gone, which need them. If nobody joins, they go with this object.
        self.ships.close()
        self.clerk.close()

    def join(self, timeout: float | None) -> bool:
        """Wait until all have gone; return whether they have in time."""
        end = None if timeout is None else monotonic() + timeout
        if not self.ships.join(timeout):
            return False
        if self.processes is not None:
            self.processes.close()  # they have no calls left
        return self.clerk.join(None if end is None else max(0.0, end - monotonic()))

    def abandon(self) -> None:
        """At interpreter exit: do not wait for what runs."""
        if self.processes is not None:
            self.processes.kill()


def _call_here(function: Callable[..., Any], kwargs: Mapping[str, Any]) -> Any:
    return function(**kwargs)
