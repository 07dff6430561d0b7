"""``queue`` of the standard library, as Python 3.13 has it, on the compiled core.

The classes are subclasses of the standard ones, so ``isinstance`` holds, and use none of their state. What differs:
docs/drop-in.md.
"""

import queue
from typing import Any, TypeVar

from windlass._core.mutex_mode import HeapHooks
from windlass._core.plain_queue import PlainQueue
from windlass._core.queue_errors import Empty, Full, ShutDown
from windlass._core.queue_part import Part
from windlass._core.simple_queue import SimpleQueue

__all__ = ["Empty", "Full", "LifoQueue", "PriorityQueue", "Queue", "ShutDown", "SimpleQueue"]

_T = TypeVar("_T")


class Queue(PlainQueue, queue.Queue[_T]):
    """A queue for many producers and consumers: first in, first out.

    Args:
        maxsize: Most items it holds; a ``put`` beyond waits. 0 or less for no limit.

    Thread safety:
        Safe on shared objects, also from within signal handlers, finalizers and weakref callbacks until ``mutex``, a
        condition or ``queue`` is touched for the first time.
    """

    def __init__(self, maxsize: int = 0) -> None:  # in Python, for those who ask for its signature
        super().__init__(maxsize)

    mutex: Any = Part()
    not_empty: Any = Part()
    not_full: Any = Part()
    all_tasks_done: Any = Part()
    queue: Any = Part()


class LifoQueue(Queue[_T], queue.LifoQueue[_T]):
    """A queue that returns the latest item first. Arguments and thread safety as :class:`Queue`."""


class PriorityQueue(Queue[_T], queue.PriorityQueue[_T]):  # type: ignore[type-var] # any object may define __lt__ later
    """A queue that returns the least item first, by ``<``. Arguments and thread safety as :class:`Queue`.

    Complexity:
        ``put`` and ``get`` make the comparisons of ``heapq``, O(log n). They run no Python code, and no lock is held,
        as long as ints, floats, strings, bytes or tuples of such decide.
    """

    _init = HeapHooks._init
    _qsize = HeapHooks._qsize
    _put = HeapHooks._put
    _get = HeapHooks._get
