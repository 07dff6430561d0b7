"""Who works a shift: the ships, which run jobs, and the clerk, who stores them."""

from collections.abc import Callable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any

from windlass.jobs.job import Job
from windlass.pools.thread_pool import ThreadPool
from windlass.task import Task

if TYPE_CHECKING:
    from windlass.jobs.processes import JobProcesses


class DockCrew:
    """The threads of one shift, and its child processes if it has any.

    A ship is a thread in either case. Where jobs run in child processes it waits there for one of them: so no more jobs
    are handed to a process than it can begin, the others can be taken back, and outlive a process that dies.

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
            # Here, since it brings multiprocessing along, which most programs do without.
            from windlass.jobs import processes

            self.processes = processes.JobProcesses(ship_count)
            self.call = self.processes.call
        # One thread of each stays, since at its exit the interpreter may refuse to start more, as CPython 3.12 does.
        self.ships = ThreadPool(ship_count, name=f"{name}-ships", min_workers=1, prepopulate=1, daemon=daemon)
        self.clerk = ThreadPool(1, name=f"{name}-clerk", min_workers=1, prepopulate=1, daemon=daemon)

        self._grows = True

    def sail(self, voyage: Callable[..., None], job: Job) -> Task[None]:
        """Have ``voyage(call, job)`` called on a ship."""
        return self.ships.submit(voyage, self.call, job, submit_task_autospawn=self._grows)

    def grow_no_more(self) -> None:
        """Make do with the threads that there are."""
        self._grows = False

    def is_inside(self) -> bool:
        """Return whether the calling thread is one of the crew."""
        return bool(self.ships._crew.is_inside() or self.clerk._crew.is_inside())

    def close(self) -> None:
        """Let the threads go, which have nothing left to do. Does not wait."""
        # The processes stay for join, since a standard pool that is told not to wait cannot be waited for later. If
        # nobody joins, they go with this object.
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

    def leave_to_parent(self) -> None:
        """In a forked child: let go of what is the parent's."""
        if self.processes is not None:
            self.processes.abandon()


def _call_here(function: Callable[..., Any], kwargs: Mapping[str, Any]) -> Any:
    return function(**kwargs)
