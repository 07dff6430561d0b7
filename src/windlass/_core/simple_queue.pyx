# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""An unbounded queue, first in first out, with no more than put and get.

Every method may be called from a signal handler, a finalizer or a weakref callback that interrupts another one.
"""
from types import GenericAlias

cimport cython
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdint cimport int64_t

from windlass._core cimport guard
from windlass._core.clock cimport deadline_after_ns
from windlass._core.object_ring cimport ring_append, ring_reserve
from windlass._core.plain_store cimport DONE, PlainStore
from windlass._core.queue_timeout cimport queue_delay_ns
from windlass._core.waitlist cimport waitlist_pop_lock_held, wake_and_release

from windlass._core.queue_errors import Empty


@cython.auto_pickle(False)
cdef class SimpleQueue(PlainStore):
    """An unbounded queue, first in first out: ``queue.SimpleQueue``.

    Thread safety:
        Safe on shared objects, also from within signal handlers, finalizers and weakref callbacks.
    """

    __class_getitem__ = classmethod(GenericAlias)

    def __cinit__(self, *args, **kwargs):
        if (args or kwargs) and type(self).__init__ is object.__init__:     # else they are for a subclass
            raise TypeError(f"{type(self).__name__}() takes no arguments")

    def put(self, item, block=True, timeout=None) -> None:
        """Add an item. Never waits: ``block`` and ``timeout`` are there for those who know them from ``Queue``.

        Args:
            item: Any object.
            block: Ignored.
            timeout: Ignored.
        """
        self._put(item)

    def put_nowait(self, item) -> None:
        """Add an item, as :meth:`put`."""
        self._put(item)

    def get(self, block=True, timeout=None) -> object:
        """Remove and return the oldest item, waiting until there is one.

        Args:
            block: Whether to wait.
            timeout: Longest wait in seconds; None for no limit. Ignored where ``block`` is false.

        Raises:
            queue.Empty: Nothing was there, or arrived in time.
            ValueError: ``timeout`` is negative or NaN.
        """
        return self._get(queue_delay_ns(timeout) if block else 0)

    def get_nowait(self) -> object:
        """Remove and return the oldest item without waiting.

        Raises:
            queue.Empty: Nothing is there.
        """
        return self._get(0)

    def empty(self) -> bool:
        """Return whether nothing waits now (not reliable while others put)."""
        return self.ring.count == 0

    def qsize(self) -> int:
        """Return how many items wait now; another thread may change it before you look."""
        return self.ring.count

    cdef int _put(self, object item) except -1:
        cdef PyObject *getter = NULL
        cdef int failed
        guard.lock(&self.guard)
        failed = ring_reserve(&self.ring)
        if not failed:
            Py_INCREF(item)
            ring_append(&self.ring, <PyObject *> item)
            getter = waitlist_pop_lock_held(&self.getters)
        guard.unlock(&self.guard)
        if getter != NULL:
            wake_and_release(getter)
        if failed:
            raise MemoryError("no memory for another item")
        return 0

    cdef object _get(self, int64_t delay):
        cdef PyObject *item
        cdef int outcome = PlainStore.try_get(self, &item)
        if outcome != DONE and delay > 0:
            outcome = self.get_until(&item, deadline_after_ns(delay))
        if outcome != DONE:
            raise Empty
        result = <object> item
        Py_DECREF(result)       # the store gave its reference away, and the variable has taken one of its own
        return result
