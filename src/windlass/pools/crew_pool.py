"""What thread and process pools share: the ways to submit many calls, the workers, the end."""

import os
from collections.abc import Callable, Iterable
from typing import Any, Self, TypeVar

from windlass._core.chunk_stream import ChunkStream, run_chunk
from windlass._core.clock import timeout_to_ns
from windlass._core.priority_key import priority_key
from windlass.monitors.task_monitor import TaskMonitor
from windlass.monitors.watch import as_monitors
from windlass.pools.base import BasePool
from windlass.pools.crew import PoolWorker
from windlass.pools.submitter import Submitter
from windlass.pools.watched_pool import watch_pool
from windlass.priority import DEFAULT_PRIORITY
from windlass.task import Task

A = TypeVar("A")
T = TypeVar("T")


def check_count(name: str, value: object, least: int) -> int:
    """Return a whole number that is not too small, or say what is wrong with it."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if value < least:
        raise ValueError(f"{name} must be {least} or greater, not {value}")
    return value


def count_cpus() -> int:
    """Return how many CPUs this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class CrewPool(BasePool):
    """A pool whose workers are the threads of a crew."""

    # ---- submitting ----

    def imap(
        self,
        fn: Callable[[A], T],
        iterable: Iterable[A],
        *,
        ordered: bool = True,
        chunksize: int = 0,
        buffersize: int | None = None,
        priority: int | float = DEFAULT_PRIORITY,
    ) -> ChunkStream[T]:
        """Yield ``fn(item)`` for each item, reading ``iterable`` only a bounded stretch ahead.

        Args:
            fn: A callable of one argument.
            iterable: May be endless. It is read on the thread that asks for values; those that are there come before a
                slow one is read on. An exception it raises comes after the values before it.
            ordered: Give the values in the order of the items, or as they come.
            chunksize: Calls made by one task; 0 adapts to how long they take.
            buffersize: Most items read and not yet given out; None for two chunks a worker and one more.
            priority: Of the tasks.

        Returns:
            An iterator, with ``close()`` to cancel the rest; dropping it does so too.
        """
        priority_key(priority)
        if not callable(fn):
            raise TypeError(f"fn must be callable, not {type(fn).__name__}")
        check_count("chunksize", chunksize, 0)
        if buffersize is not None:
            check_count("buffersize", buffersize, 1)
        make, place = self._make_task, self._submit_task

        def submit(fn: Callable[[A], T], items: list[A]) -> Task[Any]:
            task = make(run_chunk, (fn, items), None, priority, None, False, None)
            return place(task, None, False, True)  # type: ignore[no-any-return]

        return ChunkStream(fn, iterable, submit, ordered, chunksize, buffersize, self.max_workers)

    def options(self, **options: Any) -> Submitter:
        """Return a submitter with ``submit``, ``map``, ``submit_many`` and ``imap`` and these options.

        Args:
            options: See :class:`windlass.pools.submitter.Submitter`.
        """
        return Submitter(self, **options)

    def attach(self, monitor: TaskMonitor | Iterable[TaskMonitor]) -> None:
        """Have a monitor told of the tasks submitted from now on; of ``imap``, of each chunk.

        Args:
            monitor: One, or several in a list. A worker is added for it when it gets its first task.

        Thread safety:
            Incompatible: attach before the pool is used by several threads.
        """
        watch_pool(self, as_monitors(monitor))

    # ---- workers ----

    def _start_worker(self, place: Any = None) -> PoolWorker:
        return self._crew.start_worker(place)  # type: ignore[no-any-return]

    @property
    def workers(self) -> list[PoolWorker]:
        """The threads that live now."""
        return list(self._crew.threads)

    @property
    def maxWorkers(self) -> int:  # the seed's name
        """The older library's name of ``max_workers``."""
        return self.max_workers

    @property
    def daemon(self) -> bool:
        """Whether the interpreter may exit without waiting for this pool."""
        return bool(self._crew.daemon)

    @property
    def highest_priority(self) -> int | float:
        """The greatest priority value among the tasks being run, 0 if there is none."""
        return max((worker.current_priority for worker in self.workers), default=0)

    def set_max_workers(self, max_workers: int) -> int:
        """Change the most threads at a time; surplus ones end after their task. Return the new number."""
        self._crew.max_workers = check_count("max_workers", max_workers, 1)
        self._crew.retire(0)
        self._grow_to_need()
        return self.max_workers

    def _grow_to_need(self) -> None:
        while not self._crew.closing and self._crew.reserve():
            self._start_worker()

    def setup_workers(self, numOfWorkers: int = 1) -> bool:  # the seed's name
        """Start up to so many more threads, raising ``max_workers`` if it is less; return whether any was started."""
        wanted = check_count("numOfWorkers", numOfWorkers, 0)
        if wanted > self.max_workers:
            self.set_max_workers(wanted)
        added = [self.add_worker() for _ in range(wanted)]
        return any(added)

    def add_worker(self) -> bool:
        """Start one more thread; return False if there are ``max_workers`` or the pool is closed."""
        if self._crew.closing or not self._crew.reserve(True):
            return False
        self._start_worker()
        return True

    def remove_worker(self, worker: PoolWorker | None = None, timeout: float | None = 30.0) -> bool:
        """Have a thread end, after its task if it is at one.

        Args:
            worker: Wait for this one to be gone, which makes sense only if it is idle or about to end; None for any.
            timeout: Longest wait in seconds; None for no limit.

        Returns:
            Whether one has ended in time. A request that is late stays in force.
        """
        timeout_to_ns(timeout)
        before = self.workers
        if not before or (worker is not None and worker not in before):
            return False
        self._crew.retire(1)
        return bool(self._crew.wait_for_departure(before, timeout))

    # ---- the end ----

    def close(self) -> None:
        """Take no more tasks; finish those that wait. Does not wait."""
        self._crew.finish()

    def stop(self) -> list[Task[Any]]:
        """Take no more tasks and cancel those that wait; return them. Does not wait."""
        self._crew.close()
        return self._crew.drain()  # type: ignore[no-any-return]

    def join(self, timeout: float | None = None, block: bool = True) -> bool:
        """Close the pool, finish its work and wait for its threads to end.

        Args:
            timeout: Longest wait in seconds; None for the pool's own, which may be no limit.
            block: Accepted for the older library's sake: a closed pool takes no tasks anyhow.

        Returns:
            Whether everything ended in time. If not, the work goes on.

        Raises:
            RuntimeError: Called by a worker of this pool.
            TypeError, ValueError: ``timeout`` is not a number of seconds.
        """
        timeout = self._timeout if timeout is None else timeout
        timeout_to_ns(timeout)
        self._refuse_own_worker("join the workers")
        self.close()
        return bool(self._crew.join_workers(timeout))

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
            unsafe: True: cancel what waits and do not wait for what runs. Threads cannot be killed safely.

        Returns:
            Whether all threads have ended.

        Raises:
            RuntimeError: ``wait`` in a worker of this pool.
        """
        timeout = self._timeout if timeout is None else timeout
        timeout_to_ns(timeout)
        if unsafe:
            wait, cancel_futures = False, True
        if wait:
            self._refuse_own_worker("wait for the end")
        if cancel_futures:
            self.stop()
        else:
            self.close()
        if wait:
            return bool(self._crew.join_workers(timeout))
        return not self.has_workers

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()

    def __del__(self) -> None:
        crew = self._crew
        if crew is not None and not crew.closing:
            crew.finish()

    def __repr__(self) -> str:
        of = f"{self.num_workers} of {self.max_workers} workers"
        return f"<{type(self).__name__} {self.name} {self.state.lower()}, {of}>"
