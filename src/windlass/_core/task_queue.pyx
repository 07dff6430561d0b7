# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""A blocking priority queue of any objects.

Guarantees: strict order of priority, first in first out among equals; each item goes to exactly one getter; a put or
get that raises has changed nothing. Payloads are never compared, hashed or called under the lock, so every method may
be called from a signal handler, a ``__del__`` or a weakref callback that interrupts another one.

Assumes (GIL builds): C code that neither calls Python nor releases the GIL is not interrupted. The sections between
``guard.lock`` and ``guard.unlock`` are such code.
"""
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF
from libc.stdint cimport int64_t

from windlass._core cimport guard
from windlass._core.clock cimport NEVER_NS, deadline_after_ns, deadline_ns, delay_ns, now_ns
from windlass._core.item_store cimport PUT_FULL, ItemStore
from windlass._core.levels cimport levels_pop, levels_push, levels_remove
from windlass._core.parker cimport Parker, spin_limit
from windlass._core.priority_key cimport PriorityKey, key_of
from windlass._core.task cimport CoreTask
from windlass._core.task_options cimport TaskOptions
from windlass._core.waitlist cimport (
    WaitNode,
    waitlist_add_lock_held,
    waitlist_pop_lock_held,
    waitlist_remove_lock_held,
    wake_and_release,
)

from windlass.errors import QueueClosed, QueueEmpty, QueueFull
from windlass.priority import DEFAULT_PRIORITY

# The signatures below say 10 in so many words: a name in a default could not be read back by inspect.signature.
cdef PriorityKey DEFAULT_KEY
key_of(DEFAULT_PRIORITY, &DEFAULT_KEY)


cdef inline object _owned(PyObject *item):
    # The store gave its reference away; the object variable has taken one of its own.
    result = <object> item
    Py_DECREF(result)
    return result


cdef class PriorityTaskQueue(ItemStore):
    """A priority queue: the lowest priority comes out first, equal ones in the order they went in.

    Args:
        maxsize: Most items it holds; a ``put`` beyond waits. 0 or less for no limit.

    Thread safety:
        Safe on shared objects: any thread may call any method, also from within a signal handler, a finalizer or a
        weakref callback. Waiting releases the GIL and ends when a signal handler raises.

    Complexity:
        ``put`` and ``get`` are O(1) while at most 64 distinct priorities are in use, O(log n) beyond that.
    """

    def __init__(self, maxsize: int = 0) -> None:
        self.set_maxsize(maxsize)

    def put(self, item: object, priority: int | float = 10, timeout: float | None = None) -> None:
        """Add an item, waiting while the queue is full.

        Args:
            item: Any object.
            priority: An int of 64 bits or a finite float; lower comes out first.
            timeout: Longest wait for room, in seconds; None for no limit.

        Raises:
            QueueFull: There was no room within ``timeout``.
            QueueClosed: The queue is closed.
            TypeError, ValueError, OverflowError: ``priority`` or ``timeout`` is not such a number.
        """
        cdef int64_t delay = NEVER_NS
        if timeout is not None:     # a bad one is an error also where there is room
            delay = delay_ns(timeout, False)
        self._put(item, priority, delay)

    def put_nowait(self, item: object, priority: int | float = 10) -> None:
        """Add an item without waiting. As :meth:`put` with ``timeout=0``."""
        self._put(item, priority, 0)

    def get(self, timeout: float | None = None) -> object:
        """Remove and return the most urgent item, waiting until there is one.

        Args:
            timeout: Longest wait in seconds; None for no limit, 0 for none.

        Raises:
            QueueEmpty: Nothing arrived within ``timeout``.
            QueueClosed: The queue is closed and empty; nothing will ever come.
            TypeError, ValueError: ``timeout`` is not such a number.
        """
        cdef bint closed
        cdef int64_t delay = NEVER_NS
        cdef PyObject *item
        if timeout is not None:     # a bad one is an error also where an item waits
            delay = delay_ns(timeout, False)
        item = self.try_get(&closed)
        if item == NULL:
            return self._get_slow(deadline_after_ns(delay))
        return _owned(item)

    def get_nowait(self) -> object:
        """Remove and return the most urgent item without waiting. As :meth:`get` with ``timeout=0``."""
        cdef bint closed
        cdef PyObject *item = self.try_get(&closed)
        if item == NULL:
            return self._get_slow(0)
        return _owned(item)

    def qsize(self) -> int:
        """Return how many items wait now; another thread may change it before you look."""
        return self.live_lock_held()

    def __len__(self) -> int:
        return self.live_lock_held()

    def __bool__(self) -> bool:
        return True     # a queue is not false for being empty

    def empty(self) -> bool:
        """Return whether nothing waits now (not reliable while others put)."""
        return self.live_lock_held() == 0

    def full(self) -> bool:
        """Return whether a put would wait now (not reliable while others get)."""
        return self.full_lock_held()

    @property
    def maxsize(self) -> int:
        """Most items it holds; 0 for no limit. It can be set at any time."""
        return self.maxsize_

    @maxsize.setter
    def maxsize(self, value: int) -> None:
        self.set_maxsize(value)
        self.wake_all_putters()

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self.closed_

    def remove(self, item: object) -> bool:
        """Take one item out, wherever it is, and count it as finished. O(n).

        Args:
            item: The very object that was put (identity, not equality). The most urgent one if it is there twice.

        Returns:
            Whether it was there.
        """
        cdef bint found
        cdef PyObject *putter = NULL
        guard.lock(&self.guard)
        found = levels_remove(&self.levels, <PyObject *> item)
        if found:
            self.finish_lock_held(1)
            putter = waitlist_pop_lock_held(&self.putters)
        guard.unlock(&self.guard)
        if found:
            self.wake_joiners()
            wake_and_release(putter)
            Py_DECREF(item)
        return found

    def reprioritise(self, item: object, priority: int | float) -> bool:
        """Give a waiting item another priority; it goes behind the others that have it. O(n).

        Args:
            item: The very object that was put.
            priority: As for :meth:`put`.

        Returns:
            Whether it was there.

        Raises:
            MemoryError: No memory for the new place; the item has left the queue and counts as finished.
        """
        cdef PriorityKey key
        cdef bint found
        cdef int failed = 0
        key_of(priority, &key)
        guard.lock(&self.guard)
        found = levels_remove(&self.levels, <PyObject *> item)
        if found:
            if isinstance(item, CoreTask) and (<CoreTask> item).extras is not None:
                (<TaskOptions> (<CoreTask> item).extras).key = key      # a limit asks for it
            failed = levels_push(&self.levels, key, <PyObject *> item)
            if failed:
                self.finish_lock_held(1)
        guard.unlock(&self.guard)
        if failed:
            self.wake_joiners()
            Py_DECREF(item)
            raise MemoryError("no memory for the item's new place; it left the queue")
        return found

    def clear(self) -> list:
        """Take all items out, count them as finished, and return them, most urgent first."""
        cdef list dropped = []
        cdef Py_ssize_t n = 0
        cdef PyObject *item
        try:
            while True:
                guard.lock(&self.guard)
                item = levels_pop(&self.levels)
                guard.unlock(&self.guard)
                if item == NULL:
                    break
                n += 1
                dropped.append(_owned(item))
        finally:    # what was taken out counts as finished, even if there was no memory for the list
            guard.lock(&self.guard)
            self.finish_lock_held(n)
            guard.unlock(&self.guard)
            self.wake_joiners()
            self.wake_all_putters()
        return dropped

    def task_done(self) -> None:
        """Say that the work on an item from :meth:`get` is over.

        Raises:
            ValueError: Called more often than items were put.
        """
        cdef bint too_often
        guard.lock(&self.guard)
        too_often = self.unfinished_tasks <= 0
        if not too_often:
            self.finish_lock_held(1)
        guard.unlock(&self.guard)
        if too_often:
            raise ValueError("task_done() called too many times")
        self.wake_joiners()

    def join(self, timeout: float | None = None) -> bool:
        """Wait until every item that was put has been reported by :meth:`task_done`.

        Args:
            timeout: Longest wait in seconds; None for no limit.

        Returns:
            Whether all were; False means that the time was over.
        """
        cdef int64_t deadline = deadline_ns(timeout, False)
        cdef Parker parker
        cdef WaitNode node
        if self.unfinished_tasks == 0:
            return True
        parker = Parker()
        node.linked = False
        try:
            while True:
                guard.lock(&self.guard)
                if self.unfinished_tasks and not node.linked:
                    waitlist_add_lock_held(&self.joiners, &node, parker)
                guard.unlock(&self.guard)
                if not node.linked:
                    return True
                if parker.park_until(deadline, spin_limit(), None) == 0:
                    return self.unfinished_tasks == 0
        finally:
            guard.lock(&self.guard)
            waitlist_remove_lock_held(&self.joiners, &node)
            guard.unlock(&self.guard)

    def close(self) -> None:
        """Refuse further puts. Getters drain what is there, then get QueueClosed; blocked putters get it at once."""
        cdef PyObject *getter
        guard.lock(&self.guard)
        self.closed_ = True
        guard.unlock(&self.guard)
        while True:
            guard.lock(&self.guard)
            getter = waitlist_pop_lock_held(&self.getters)
            guard.unlock(&self.guard)
            if getter == NULL:
                break
            wake_and_release(getter)
        self.wake_all_putters()

    def refuse_puts(self) -> None:
        """Let only the crew of a pool put; anybody else is told to submit."""
        self.owner = True

    # ---- waiting ----

    cdef int _put(self, object item, object priority, int64_t delay) except -1:
        cdef PriorityKey key = DEFAULT_KEY
        if priority is not DEFAULT_PRIORITY:
            key_of(priority, &key)
        if self.owner is not None:
            raise TypeError("put is not for the queue of a pool: submit the task to the pool")
        if self.try_put(<PyObject *> item, key) == PUT_FULL:
            self._put_slow(item, key, deadline_after_ns(delay))
        return 0

    cdef int _put_slow(self, object item, PriorityKey key, int64_t deadline) except -1:
        cdef Parker parker
        cdef WaitNode node
        if deadline != NEVER_NS and deadline <= now_ns():
            raise QueueFull(f"no room: all {self.maxsize_} places are taken")
        parker = Parker()
        node.linked = False
        try:
            while self.try_put(<PyObject *> item, key) == PUT_FULL:
                guard.lock(&self.guard)
                # Looked at again under the lock that getters take to find putters: no wake can be missed.
                if self.full_lock_held() and not self.closed_:
                    if not node.linked:
                        waitlist_add_lock_held(&self.putters, &node, parker)
                    guard.unlock(&self.guard)
                else:
                    guard.unlock(&self.guard)
                    continue
                if parker.park_until(deadline, spin_limit(), None) == 0:
                    if self.try_put(<PyObject *> item, key) == PUT_FULL:
                        raise QueueFull(f"no room within the timeout: all {self.maxsize_} places are taken")
                    break
        finally:
            self.leave_putters(&node)
        return 0

    cdef object _get_slow(self, int64_t deadline):
        cdef Parker parker
        cdef WaitNode node
        cdef PyObject *item
        cdef bint closed
        if deadline != NEVER_NS and deadline <= now_ns():
            item = self.try_get(&closed)
            if item != NULL:
                return _owned(item)
            raise (QueueClosed("the queue is closed and empty") if closed else QueueEmpty("nothing is waiting"))
        parker = Parker()
        node.linked = False
        try:
            while True:
                item = self.try_get(&closed)
                if item != NULL:
                    return _owned(item)
                if closed:
                    raise QueueClosed("the queue is closed and empty")
                guard.lock(&self.guard)
                if self.live_lock_held() == 0 and not self.closed_:
                    if not node.linked:
                        waitlist_add_lock_held(&self.getters, &node, parker)
                    guard.unlock(&self.guard)
                else:
                    guard.unlock(&self.guard)
                    continue
                if parker.park_until(deadline, spin_limit(), None) == 0:
                    item = self.try_get(&closed)
                    if item != NULL:
                        return _owned(item)
                    raise QueueEmpty("nothing arrived within the timeout")
        finally:
            self.leave_getters(&node)
