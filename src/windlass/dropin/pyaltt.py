"""pyaltt's names: ``from windlass.dropin.pyaltt import FunctionCollecton, background_worker``.

What behaves better:

- A function collection runs its functions in the order in which they were added. There, the order was that of a set.
- A function that raises does not keep the others from running where there is no ``on_error``, as the document says it
  should not: its exception is logged. There, it ended the run. An ``on_error`` that raises is logged too.
- Two functions of one name have a result each. There, one result took the other's place.
- Workers meet their ``interval`` on a grid that does not drift, stop at once, and never poll: ``poll_delay`` changes
  nothing.
- A worker whose function raises goes on, and the exception is logged where there is no ``on_error``. There, the thread
  ended and :meth:`is_active` went on to say True.
- A queue worker that is stopped keeps what it has not run in its queue.
- A background task is a thread that begins at once if it may. There, two more threads stood by for each.
- The task supervisor lets tasks in when others end, not at the next look.
"""

import threading
from collections.abc import Callable
from typing import Any

from windlass.functions import FunctionCollection
from windlass.workers.background_tasks import background_task as _background_task
from windlass.workers.background_tasks import limit_background_tasks
from windlass.workers.decorator import background_worker
from windlass.workers.event_worker import BackgroundEventWorker
from windlass.workers.loop_worker import BackgroundWorker
from windlass.workers.queue_worker import BackgroundQueueWorker

__all__ = [
    "TASK_CRITICAL",
    "TASK_HIGH",
    "TASK_LOW",
    "TASK_NORMAL",
    "BackgroundEventWorker",
    "BackgroundQueueWorker",
    "BackgroundWorker",
    "FunctionCollection",
    "FunctionCollecton",
    "LocalProxy",
    "WorkerSupervisor",
    "background_job",
    "background_task",
    "background_worker",
    "g",
    "task_supervisor",
]

# Here the higher number is the more urgent, unlike elsewhere in windlass.
TASK_LOW = 0
TASK_NORMAL = 10
TASK_HIGH = 30
TASK_CRITICAL = 50

FunctionCollecton = FunctionCollection  # as it is spelt there


def background_task(
    f: Callable[..., Any] | None = None, /, *, priority: int | float = TASK_NORMAL, **parameters: Any
) -> Any:
    """As :func:`windlass.background_task`, but for the priority: a higher number is more urgent."""
    decorate: Any = _background_task(priority=-priority, **parameters)
    return decorate if f is None else decorate(f)


background_job = background_task  # its older name


class WorkerSupervisor:
    """Limits how many background tasks run at a time, from :meth:`start` to :meth:`stop`.

    The limit is the sum of the three numbers, for all tasks together; those that wait begin by priority. There is one
    limit for the process, whichever supervisor sets it.

    Args:
        pool_size: Tasks that may run.
        reserve_normal: How many more.
        reserve_high: How many more.
        poll_delay: Has nothing left to do.

    Thread safety:
        Safe on shared objects.
    """

    def __init__(
        self, pool_size: int = 2, reserve_normal: int = 5, reserve_high: int = 10, poll_delay: float = 0.1
    ) -> None:
        self.active = False
        self.poll_delay = poll_delay
        self.pool_size, self.reserve_normal, self.reserve_high = pool_size, reserve_normal, reserve_high

    def set_config(self, **numbers: int) -> None:
        """Change any of ``pool_size``, ``reserve_normal`` and ``reserve_high``."""
        for name in ("pool_size", "reserve_normal", "reserve_high"):
            if name in numbers:
                setattr(self, name, int(numbers[name]))
        if self.active:
            self.start()

    def start(self) -> None:
        """Set the limit."""
        limit_background_tasks(self.pool_size + self.reserve_normal + self.reserve_high)
        self.active = True

    def stop(self, wait: bool = True) -> None:
        """Lift the limit: whatever waits begins, so that there is nothing to wait for."""
        self.active = False
        limit_background_tasks(None)


task_supervisor = WorkerSupervisor()


class LocalProxy(threading.local):
    """Attributes that each thread has for itself."""

    def get(self, attr: str, default: Any = None) -> Any:
        """Return an attribute as this thread sees it, or ``default``."""
        return getattr(self, attr, default)

    def has(self, attr: str) -> bool:
        """Return whether this thread has the attribute."""
        return hasattr(self, attr)

    def set(self, attr: str, value: Any) -> None:
        """Set an attribute for this thread."""
        setattr(self, attr, value)

    def clear(self, attr: str) -> bool:
        """Delete an attribute of this thread if it has it; return True."""
        self.__dict__.pop(attr, None)
        return True


g = LocalProxy()
