"""A plain queue under a mutex with three conditions: what the standard class does, for those who touch its parts.

The hooks ``_init``, ``_qsize``, ``_put`` and ``_get`` are called with the mutex held. Deadlines are nanoseconds of the
core's clock: None for no limit, 0 for no wait. A call that began to wait before the queue went over to its mutex goes
on here with the deadline it had.
"""

import threading
from itertools import pairwise
from typing import Any

from windlass._core.clock import monotonic_ns
from windlass._core.queue_errors import Empty, Full, ShutDown


def make_locks() -> dict[str, Any]:
    """Return a new mutex and the conditions that share it, by their names."""
    mutex = threading.Lock()
    conditions = {name: threading.Condition(mutex) for name in ("not_empty", "not_full", "all_tasks_done")}
    return {"mutex": mutex, **conditions}


def put(queue: Any, item: Any, deadline: int | None) -> None:
    """Add an item, waiting for room until the deadline."""
    with queue.not_full:
        if queue.is_shutdown:
            raise ShutDown
        while 0 < queue.maxsize <= queue._qsize():
            _wait(queue.not_full, deadline, Full)
            if queue.is_shutdown:
                raise ShutDown
        queue._put(item)
        queue.unfinished_tasks += 1
        queue.not_empty.notify()


def get(queue: Any, deadline: int | None) -> Any:
    """Remove and return an item, waiting for one until the deadline."""
    with queue.not_empty:
        while not queue._qsize():
            if queue.is_shutdown:
                raise ShutDown
            _wait(queue.not_empty, deadline, Empty)
        item = queue._get()
        queue.not_full.notify()
        return item


def _wait(condition: threading.Condition, deadline: int | None, too_late: type[Exception]) -> None:
    if deadline is None:
        condition.wait()
        return
    left = (deadline - monotonic_ns()) / 1e9 if deadline else 0
    if left <= 0:
        raise too_late
    condition.wait(min(left, threading.TIMEOUT_MAX))


def qsize(queue: Any) -> int:
    """Return the number of items."""
    with queue.mutex:
        size: int = queue._qsize()
        return size


def task_done(queue: Any) -> None:
    """Count one task as finished."""
    with queue.all_tasks_done:
        if queue.unfinished_tasks <= 0:
            raise ValueError("task_done() called too many times")
        queue.unfinished_tasks -= 1
        if not queue.unfinished_tasks:
            queue.all_tasks_done.notify_all()


def join(queue: Any) -> None:
    """Wait until all tasks are finished."""
    with queue.all_tasks_done:
        while queue.unfinished_tasks:
            queue.all_tasks_done.wait()


def shutdown(queue: Any, immediate: bool) -> None:
    """Refuse puts from now on; with ``immediate``, drop the items too."""
    with queue.mutex:
        queue.is_shutdown = True
        if immediate:
            while queue._qsize():
                queue._get()
                queue.unfinished_tasks = max(0, queue.unfinished_tasks - 1)
            queue.all_tasks_done.notify_all()
        queue.not_empty.notify_all()
        queue.not_full.notify_all()


class HeapHooks:
    """The hooks of a priority queue that is left as it was when a comparison raises.

    The comparisons are those of ``heapq``; they are all made before anything moves.
    """

    queue: list[Any]

    def _init(self, maxsize: int) -> None:
        self.queue = []

    def _qsize(self) -> int:
        return len(self.queue)

    def _put(self, item: Any) -> None:
        heap = self.queue
        at = len(heap)
        places = [at]
        while at and item < heap[(at - 1) // 2]:
            at = (at - 1) // 2
            places.append(at)
        heap.append(item)
        _shift(heap, places, item)

    def _get(self) -> Any:
        heap = self.queue
        end = len(heap) - 1
        last = heap[end]
        places = [0]
        child = 1
        while child < end:
            if child + 1 < end and not heap[child] < heap[child + 1]:
                child += 1
            places.append(child)
            child = 2 * child + 1
        while len(places) > 1 and last < heap[places[-1]]:
            places.pop()
        first = heap[0]
        _shift(heap, places, last)
        heap.pop()
        return first


def _shift(heap: list[Any], places: list[int], item: Any) -> None:
    """Move each item to the place before its own in ``places``, and put ``item`` at the last of them."""
    for to, origin in pairwise(places):
        heap[to] = heap[origin]
    heap[places[-1]] = item
