"""What code that looks into an executor finds there: its queue, its idle threads, its pending calls.

The standard class keeps a queue of work items and a semaphore; scripts read their sizes, and some empty the queue to
cancel what waits. These are views of windlass's crew that answer the same questions.
"""

import queue
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from windlass.dropin import queue as ours
from windlass.dropin.queue_view import QueueView
from windlass.pools.crew import ThreadCrew

_IN_ORDER = (queue.Queue, queue.SimpleQueue, ours.Queue, ours.SimpleQueue)


class WorkItem(NamedTuple):
    """One call that waits."""

    future: Any
    fn: Any
    args: Any
    kwargs: Any


class WorkQueue(QueueView):
    """The calls that wait in an executor, as ``executor._work_queue``."""

    @property
    def maxsize(self) -> int:
        """Most calls that may wait; 0 for no limit."""
        store: Any = self._crew.store
        return int(store.maxsize)

    def full(self) -> bool:
        """Return whether a submit would wait now."""
        store: Any = self._crew.store
        return bool(store.full())

    def get_nowait(self) -> WorkItem:
        """Take the next call out, to cancel or make it oneself.

        Raises:
            queue.Empty: None waits.
        """
        future = self._crew.take_out()
        if future is None:
            raise queue.Empty
        return WorkItem(future, future.fn, future.args, future.kwargs)

    def put(self, item: None) -> None:
        """Accept the None that wakes threads of the standard class; here no thread needs it.

        Raises:
            TypeError: ``item`` is anything else: calls come by ``submit``.
        """
        if item is not None:
            raise TypeError("item must be None; submit calls to the executor")

    put_nowait = put


def bound_as(crew: ThreadCrew, other: Any) -> None:
    """Let no more calls wait than there is room in ``other``, a queue that somebody puts in the place of ours.

    That is how executors of the standard class are bounded. The queue itself is not used.

    Raises:
        TypeError: Its order may be another one than first in, first out.
    """
    if type(other) not in _IN_ORDER:
        raise TypeError(f"_work_queue must be a Queue or SimpleQueue: {type(other).__name__} may have another order")
    store: Any = crew.store
    store.maxsize = max(0, getattr(other, "maxsize", 0))


class IdleCount:
    """The idle threads of an executor, as ``executor._idle_semaphore``."""

    def __init__(self, crew: ThreadCrew) -> None:
        self._crew = crew

    @property
    def _value(self) -> int:
        return self._crew.n_idle


class CallQueue(QueueView):
    """The calls that wait in an executor of processes, as ``executor._call_queue`` and ``executor._work_ids``."""

    def close(self) -> None:
        """Do nothing: it needs no closing."""

    def join_thread(self) -> None:
        """Do nothing: no thread feeds it."""


class PendingItems(Mapping[int, WorkItem]):
    """The calls that have not ended, as ``executor._pending_work_items``; the keys are any numbers.

    Each look takes a new list of them.
    """

    def __init__(self, executor: Any) -> None:
        self._executor = executor

    def _futures(self) -> dict[int, Any]:
        return {id(future): future for future in self._executor._unfinished()}

    def __getitem__(self, key: int) -> WorkItem:
        future = self._futures()[key]
        return WorkItem(future, future.fn, future.args, future.kwargs)

    def __iter__(self) -> Iterator[int]:
        return iter(self._futures())

    def __len__(self) -> int:
        return len(self._executor._unfinished())
