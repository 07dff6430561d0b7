"""A pool behind something else, such as a decorator: in no registry of pools, so that nobody joins it by accident."""

from typing import Any

from windlass._core.task_queue import PriorityTaskQueue
from windlass.pools import registry
from windlass.pools.base import BasePool
from windlass.pools.crew import PoolWorker, ThreadCrew
from windlass.task import Task

# So many threads are started as soon as there may be work for them. More only when a worker has found more work than it
# can take: a burst of short calls must not start hundreds. Not one by one from the start, since a program may end
# right after it has called two functions that wait for each other, and CPython 3.12 starts no threads at its exit.
EAGER_WORKERS = 16


class HiddenPool(BasePool):
    """The threads of a crew, which start when there is work and nobody is free.

    Args:
        crew: The crew.

    Thread safety:
        Safe on shared objects.
    """

    def __init__(self, crew: ThreadCrew) -> None:
        self._engage(crew, Task, "block")
        registry.register_crew(crew)

    @classmethod
    def of_threads(cls, max_workers: int, name: str, idle_timeout: float | None, daemon: bool = False) -> "HiddenPool":
        """Return a pool with a crew of its own.

        Args:
            max_workers: Most threads at a time.
            name: What the threads' names begin with.
            idle_timeout: Seconds after which an idle thread ends; None for never.
            daemon: If True, the interpreter's exit drops what is queued and does not wait for what runs.
        """
        store = PriorityTaskQueue()
        store.refuse_puts()
        crew = ThreadCrew(store, max_workers, 0, idle_timeout, daemon, name, None, ())
        crew.eager_workers = EAGER_WORKERS
        return cls(crew)

    def _start_worker(self, place: Any = None) -> PoolWorker:
        return self._crew.start_worker(place)  # type: ignore[no-any-return]

    def __del__(self) -> None:
        crew = self._crew
        if crew is not None and not crew.closing:
            crew.finish()

    def __repr__(self) -> str:
        return f"<HiddenPool {self._crew.prefix}, {self.num_workers} of {self.max_workers} workers>"
