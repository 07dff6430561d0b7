"""A plain queue under a mutex with three conditions: what the standard class does, for those who touch its parts.

The hooks ``_init``, ``_qsize``, ``_put`` and ``_get`` are called with the mutex held. Deadlines are nanoseconds of the
core's clock: None for no limit, 0 for no wait. A call that began to wait before the queue went over to its mutex goes
on here with the deadline it had.
"""

import threading
from typing import Any

from windlass._core.clock import monotonic_ns
from windlass._core.list_heap import heap_pop, heap_push
from windlass._core.queue_errors import Empty, Full, ShutDown

Parts = dict[str, Any]  # mutex, not_empty, not_full, all_tasks_done and queue; those of now, if somebody replaced one


def make_locks() -> Parts:
    """Return a new mutex and the conditions that share it, by their names."""
    mutex = threading.Lock()
    conditions = {name: threading.Condition(mutex) for name in ("not_empty", "not_full", "all_tasks_done")}
    return {"mutex": mutex, **conditions}


def put(queue: Any, parts: Parts, item: Any, deadline: int | None) -> None:
    """Add an item, waiting for room until the deadline."""
    with parts["not_full"]:
        if queue.is_shutdown:
            raise ShutDown
        while 0 < queue.maxsize <= queue._qsize():
            _wait(parts["not_full"], deadline, Full)
            if queue.is_shutdown:
                raise ShutDown
        queue._put(item)
        queue.unfinished_tasks += 1
        parts["not_empty"].notify()


def get(queue: Any, parts: Parts, deadline: int | None) -> Any:
    """Remove and return an item, waiting for one until the deadline."""
    with parts["not_empty"]:
        while not queue._qsize():
            if queue.is_shutdown:
                raise ShutDown
            _wait(parts["not_empty"], deadline, Empty)
        item = queue._get()
        parts["not_full"].notify()
        return item


def _wait(condition: threading.Condition, deadline: int | None, too_late: type[Exception]) -> None:
    if deadline is None:
        condition.wait()
        return
    left = (deadline - monotonic_ns()) / 1e9 if deadline else 0
    if left <= 0:
        raise too_late
    condition.wait(min(left, threading.TIMEOUT_MAX))


def qsize(queue: Any, parts: Parts) -> int:
    """Return the number of items."""
    with parts["mutex"]:
        size: int = queue._qsize()
        return size


def task_done(queue: Any, parts: Parts) -> None:
    """Count one task as finished."""
    with parts["all_tasks_done"]:
        if queue.unfinished_tasks <= 0:
            raise ValueError("task_done() called too many times")
        queue.unfinished_tasks -= 1
        if not queue.unfinished_tasks:
            parts["all_tasks_done"].notify_all()


def join(queue: Any, parts: Parts) -> None:
    """Wait until all tasks are finished."""
    with parts["all_tasks_done"]:
        while queue.unfinished_tasks:
            parts["all_tasks_done"].wait()


def shutdown(queue: Any, parts: Parts, immediate: bool) -> None:
    """Refuse puts from now on; with ``immediate``, drop the items too."""
    with parts["mutex"]:
        queue.is_shutdown = True
        if immediate:
            while queue._qsize():
                queue._get()
                queue.unfinished_tasks = max(0, queue.unfinished_tasks - 1)
            parts["all_tasks_done"].notify_all()
        parts["not_empty"].notify_all()
        parts["not_full"].notify_all()


class HeapHooks:
    """The hooks of a priority queue that is left as it was when a comparison raises."""

    queue: list[Any]

    def _init(self, maxsize: int) -> None:
        self.queue = []

    def _qsize(self) -> int:
        return len(self.queue)

    def _put(self, item: Any) -> None:
        heap_push(self.queue, item)

    def _get(self) -> Any:
        return heap_pop(self.queue)
