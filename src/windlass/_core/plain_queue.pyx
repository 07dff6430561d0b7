# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""The interface of the standard ``queue.Queue``, in two modes.

A queue begins in the fast mode: all is C under the guard. It goes over to its mutex, once and for good, when somebody
first touches what the standard class is made of (``mutex``, the conditions, ``queue``), or at birth when a hook is
overridden: from then on :mod:`windlass._core.mutex_mode` does what the standard class does. README.md, "Plain queues",
has the protocol.
"""
import math
import queue as standard
from collections import deque

cimport cython
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memset

from windlass._core cimport guard
from windlass._core.bounded_store cimport FIRST_IN_FIRST_OUT, LAST_IN_FIRST_OUT, LEAST_FIRST, BoundedStore
from windlass._core.clock cimport NEVER_NS, deadline_after_ns
from windlass._core.object_ring cimport Ring
from windlass._core.parker cimport Parker, spin_limit
from windlass._core.plain_store cimport DONE, FULL, NONE_LEFT, SHUT_DOWN
from windlass._core.queue_timeout cimport queue_delay_ns
from windlass._core.waitlist cimport WaitNode, waitlist_add_lock_held, waitlist_remove_lock_held

from windlass._core import mutex_mode
from windlass._core.queue_errors import Empty, Full, ShutDown


cdef extern from "Python.h":
    const Py_ssize_t PY_SSIZE_T_MAX
    int PyObject_GenericSetAttr(object, object, object) except -1

# The hooks by which a standard class is told from a subclass with an order of its own.
cdef tuple HOOKS = ("_init", "_qsize", "_put", "_get")
cdef tuple FIFO_HOOKS = tuple([getattr(standard.Queue, name) for name in HOOKS])
cdef tuple LIFO_HOOKS = tuple([getattr(standard.LifoQueue, name) for name in HOOKS])
cdef tuple HEAP_HOOKS = tuple([getattr(mutex_mode.HeapHooks, name) for name in HOOKS])


cdef object _deadline(int64_t delay, int64_t deadline):
    # As mutex_mode takes it.
    if delay == 0:
        return 0
    return None if deadline == NEVER_NS else deadline


@cython.auto_pickle(False)
cdef class PlainQueue(BoundedStore):
    """What Queue, LifoQueue and PriorityQueue share; the standard class that one inherits from says the order.

    Args:
        maxsize: Most items it holds; a ``put`` beyond waits. 0 or less for no limit.
    """

    def __cinit__(self, *args, **kwargs):
        cdef tuple hooks = FIFO_HOOKS
        cls = type(self)
        self.limit = 0
        self.order = FIRST_IN_FIRST_OUT
        if issubclass(cls, standard.LifoQueue):
            self.order = LAST_IN_FIRST_OUT
            hooks = LIFO_HOOKS
        elif issubclass(cls, standard.PriorityQueue):
            self.order = LEAST_FIRST
            hooks = HEAP_HOOKS
        for name, hook in zip(HOOKS, hooks):
            if getattr(cls, name, hook) is not hook:
                self.own_hooks = True
        self.own_put = cls.put is not CORE_PUT
        self.own_get = cls.get is not CORE_GET

    def __init__(self, maxsize: int = 0) -> None:
        if self.own_hooks or self.parts is not None:
            self.init_under_mutex(maxsize)
            return
        self.drop_all()
        self.version += 1
        self.set_limit(maxsize)
        self.is_shutdown = False
        self.unfinished_tasks = 0

    # ---- put and get ----

    def put(self, item, block=True, timeout=None) -> None:
        """Add an item, waiting while the queue is full.

        Args:
            item: Any object; one that can be compared with the others where the order asks for it.
            block: Whether to wait for room.
            timeout: Longest wait in seconds; None for no limit. Ignored where nobody waits.

        Raises:
            queue.Full: There was no room, or none in time.
            queue.ShutDown: The queue has been shut down.
            ValueError: ``timeout`` is negative or NaN.
        """
        cdef int64_t delay = NEVER_NS
        if not block:
            delay = 0
        elif timeout is not None and self.bound > 0 and not self.shut:
            delay = queue_delay_ns(timeout)
        self.put_within(item, delay)

    def put_nowait(self, item) -> None:
        """Add an item without waiting. As :meth:`put` with ``block=False``."""
        if self.own_put:
            self.put(item, block=False)
        else:
            self.put_within(item, 0)

    def get(self, block=True, timeout=None) -> object:
        """Remove and return the next item, waiting until there is one.

        Args:
            block: Whether to wait.
            timeout: Longest wait in seconds; None for no limit. Ignored where ``block`` is false.

        Raises:
            queue.Empty: Nothing was there, or arrived in time.
            queue.ShutDown: The queue has been shut down and is empty.
            ValueError: ``timeout`` is negative or NaN.
        """
        cdef int64_t delay = NEVER_NS
        if not block:
            delay = 0
        elif timeout is not None and not (self.shut and self.ring.count == 0):
            delay = queue_delay_ns(timeout)
        return self.get_within(delay)

    def get_nowait(self) -> object:
        """Remove and return the next item without waiting. As :meth:`get` with ``block=False``."""
        return self.get(block=False) if self.own_get else self.get_within(0)

    cdef int put_within(self, object item, int64_t delay) except -1:
        cdef int64_t deadline
        cdef int outcome = self.try_put(item)
        if outcome == DONE:
            return 0
        deadline = deadline_after_ns(delay)
        if outcome == FULL and delay > 0:
            self.forbid_own_wait()
            outcome = self.put_until(item, deadline)
        if outcome == FULL:
            raise Full
        if outcome == SHUT_DOWN:
            raise ShutDown
        if outcome != DONE:
            mutex_mode.put(self, self.parts, item, _deadline(delay, deadline))
        return 0

    cdef object get_within(self, int64_t delay):
        cdef PyObject *item
        cdef int64_t deadline
        cdef int outcome = self.try_get(&item)
        if outcome != DONE:
            deadline = deadline_after_ns(delay)
            if outcome == NONE_LEFT and delay > 0:
                self.forbid_own_wait()
                outcome = self.get_until(&item, deadline)
            if outcome == NONE_LEFT:
                raise Empty
            if outcome == SHUT_DOWN:
                raise ShutDown
            if outcome != DONE:
                return mutex_mode.get(self, self.parts, _deadline(delay, deadline))
        result = <object> item
        Py_DECREF(result)       # the store gave its reference away, and the variable has taken one of its own
        return result

    # ---- sizes ----

    def qsize(self) -> int:
        """Return how many items wait now; another thread may change it before you look."""
        return self.ring.count if self.parts is None else mutex_mode.qsize(self, self.parts)

    def empty(self) -> bool:
        """Return whether nothing waits now (not reliable while others put)."""
        return self.ring.count == 0 if self.parts is None else not mutex_mode.qsize(self, self.parts)

    def full(self) -> bool:
        """Return whether a put would wait now (not reliable while others get)."""
        return self.full_lock_held() if self.parts is None else 0 < self.maxsize <= mutex_mode.qsize(self, self.parts)

    @property
    def maxsize(self) -> int:
        """Most items it holds; 0 or less for no limit. It can be set at any time."""
        guard.lock(&self.guard)
        limit = self.limit
        guard.unlock(&self.guard)
        return limit

    @maxsize.setter
    def maxsize(self, value: int) -> None:
        self.set_limit(value)

    cdef int set_limit(self, object maxsize) except -1:
        cdef Py_ssize_t bound = 0
        try:
            if 0 < maxsize <= PY_SSIZE_T_MAX:
                bound = math.ceil(maxsize)
        except TypeError:
            raise TypeError(f"maxsize must be a number, not {type(maxsize).__name__}") from None
        guard.lock(&self.guard)
        _old = self.limit       # dies when the guard is released
        self.limit = maxsize
        self.bound = bound
        guard.unlock(&self.guard)
        self.wake_all(&self.putters)
        return 0

    # ---- finished tasks, and the end ----

    @property
    def unfinished_tasks(self) -> int:
        """How many items were put and not yet reported by :meth:`task_done`."""
        return self.unfinished

    @unfinished_tasks.setter
    def unfinished_tasks(self, value: int) -> None:
        cdef Py_ssize_t n = value
        guard.lock(&self.guard)
        self.unfinished = n
        guard.unlock(&self.guard)
        self.wake_joiners()

    def task_done(self) -> None:
        """Say that the work on an item from :meth:`get` is over.

        Raises:
            ValueError: Called more often than items were put.
        """
        cdef bint too_often, over
        guard.lock(&self.guard)
        over = self.over_lock_held()
        too_often = self.unfinished <= 0
        if not over and not too_often:
            self.unfinished -= 1
        guard.unlock(&self.guard)
        if over:
            mutex_mode.task_done(self, self.parts)
        elif too_often:
            raise ValueError("task_done() called too many times")
        else:
            self.wake_joiners()

    def join(self) -> None:
        """Wait until every item that was put has been reported by :meth:`task_done`."""
        cdef Parker parker
        cdef WaitNode node
        cdef bint waiting
        self.forbid_own_wait()
        parker = Parker()
        node.linked = False
        try:
            while self.parts is None:
                guard.lock(&self.guard)
                waiting = self.unfinished != 0
                if waiting and not node.linked and not self.over_lock_held():
                    waitlist_add_lock_held(&self.joiners, &node, parker)
                guard.unlock(&self.guard)
                if not waiting:
                    return
                if node.linked:
                    parker.park_until(NEVER_NS, spin_limit(), None)
        finally:
            guard.lock(&self.guard)
            waitlist_remove_lock_held(&self.joiners, &node)
            guard.unlock(&self.guard)
        mutex_mode.join(self, self.parts)

    @property
    def is_shutdown(self) -> bool:
        """Whether :meth:`shutdown` was called."""
        return self.shut

    @is_shutdown.setter
    def is_shutdown(self, value: bool) -> None:
        cdef bint shut = value
        guard.lock(&self.guard)
        self.shut = shut
        self.waiting_is_over = shut or self.over_lock_held()
        guard.unlock(&self.guard)
        self.wake_all(&self.getters)
        self.wake_all(&self.putters)

    def shutdown(self, immediate=False) -> None:
        """Refuse further puts; gets drain what is there, then raise. Whoever waits in either is woken.

        Args:
            immediate: Drop what is there, and count it as finished.
        """
        cdef Ring dropped
        cdef bint now = immediate
        cdef bint over
        memset(&dropped, 0, sizeof(Ring))
        guard.lock(&self.guard)
        over = self.over_lock_held()
        if not over:
            self.shut = self.waiting_is_over = True
            if now:
                dropped = self.ring
                memset(&self.ring, 0, sizeof(Ring))
                self.version += 1
                # In this section: a join that goes over to the mutex after it must not wait for these.
                self.unfinished = max(0, self.unfinished - <Py_ssize_t> dropped.count)
        guard.unlock(&self.guard)
        if over:
            mutex_mode.shutdown(self, self.parts, now)
        else:
            self.wake_joiners()
            self.wake_all(&self.getters)
            self.wake_all(&self.putters)
            self.drop(&dropped)

    # ---- the mutex mode ----

    def _parts(self) -> dict:
        """Return mutex, conditions and container by name, which ends the fast mode."""
        return self.parts if self.parts is not None else self.go_over()

    cdef int init_under_mutex(self, object maxsize) except -1:
        self.parts = {}
        self.waiting_is_over = True
        self.set_limit(maxsize)
        self._init(maxsize)
        self.parts.update(mutex_mode.make_locks())
        self.is_shutdown = False
        self.unfinished_tasks = 0
        return 0

    cdef dict go_over(self):
        cdef uint64_t version
        cdef Ring ring
        cdef bint gone = False
        while self.parts is None:
            items = self.snapshot(&version)
            parts = {"queue": deque(items) if self.order == FIRST_IN_FIRST_OUT else items}
            parts.update(mutex_mode.make_locks())
            guard.lock(&self.guard)
            if self.version == version and not self.over_lock_held():
                gone = True
                self.parts = parts
                self.waiting_is_over = True
                self.version += 1
                ring = self.ring
                memset(&self.ring, 0, sizeof(Ring))
            guard.unlock(&self.guard)
        if gone:
            self.wake_all(&self.getters)
            self.wake_all(&self.putters)
            self.wake_all(&self.joiners)
            self.drop(&ring)
        return self.parts

    def __setattr__(self, name, value):
        # A hook that is set on the instance is called with the mutex held, like any other.
        if name in HOOKS:
            self._parts()
        elif name == "put":
            self.own_put = True
        elif name == "get":
            self.own_get = True
        PyObject_GenericSetAttr(self, name, value)

    # ---- copies share mutex and container, as those of the standard class do; pickle refuses the mutex ----

    def __getstate__(self) -> dict:
        counts = {name: getattr(self, name) for name in ("maxsize", "unfinished_tasks", "is_shutdown")}
        return {**vars(self), **self._parts(), **counts}

    def __setstate__(self, state: dict) -> None:
        self.parts = {}
        self.waiting_is_over = True
        for name, value in state.items():
            setattr(self, name, value)


cdef object CORE_PUT = PlainQueue.put
cdef object CORE_GET = PlainQueue.get
