"""Objects of a plain queue, the threads that wait for one, and the lock that guards them.

What the queues with the interface of the standard ``queue`` module have in common. First in, first out, unless a
subclass takes items otherwise.
"""
cimport cython
from cpython.object cimport PyObject, visitproc
from cpython.ref cimport Py_DECREF
from libc.stdint cimport int64_t
from libc.string cimport memset

from windlass._core cimport guard
from windlass._core.object_ring cimport Ring, ring_free, ring_take_first, ring_take_last, ring_traverse
from windlass._core.parker cimport Parker, spin_limit
from windlass._core.waitlist cimport (
    WaitNode,
    waitlist_add_lock_held,
    waitlist_pop_lock_held,
    waitlist_remove_lock_held,
    wake_and_release,
)


cdef extern from "Python.h":
    PyObject *NONE "Py_None"
    ctypedef int (*traverseproc)(PyObject *, visitproc, void *) noexcept
    ctypedef int (*inquiry)(PyObject *) noexcept
    ctypedef struct SlotsOfType "PyTypeObject":
        traverseproc tp_traverse
        inquiry tp_clear


@cython.auto_pickle(False)    # Cython's own would hide object's from subclasses
cdef class PlainStore:
    """Objects, the threads that wait for one, and their lock. Not for use from Python."""

    def __cinit__(self, *args, **kwargs):
        guard.guard_init(&self.guard)

    def __dealloc__(self):
        self.drop_all()

    cdef bint over_lock_held(self) noexcept nogil:
        return <PyObject *> self.parts != NONE

    cdef int try_get(self, PyObject **item) except -1:
        cdef int outcome = NONE_LEFT
        guard.lock(&self.guard)
        if self.ring.count > 0:
            item[0] = ring_take_first(&self.ring)
            outcome = DONE
        guard.unlock(&self.guard)
        return outcome

    cdef int get_until(self, PyObject **item, int64_t deadline) except -1:
        cdef Parker parker = Parker()
        cdef WaitNode node
        cdef bint waiting
        cdef int outcome
        node.linked = False
        try:
            while True:
                outcome = self.try_get(item)
                if outcome != NONE_LEFT:
                    return outcome
                guard.lock(&self.guard)
                # Looked at again under the lock that a put takes to find getters: no wake can be missed.
                waiting = self.ring.count == 0 and not self.waiting_is_over
                if waiting and not node.linked:
                    waitlist_add_lock_held(&self.getters, &node, parker)
                guard.unlock(&self.guard)
                if waiting and parker.park_until(deadline, spin_limit(), None) == 0:
                    return self.try_get(item)
        finally:
            self.leave_getters(&node)

    cdef void leave_getters(self, WaitNode *node) noexcept:
        # A wake that this getter no longer needs belongs to the next one, while there is something to get.
        cdef PyObject *next_getter = NULL
        guard.lock(&self.guard)
        waitlist_remove_lock_held(&self.getters, node)
        if self.ring.count > 0:
            next_getter = waitlist_pop_lock_held(&self.getters)
        guard.unlock(&self.guard)
        wake_and_release(next_getter)

    cdef void wake_all(self, WaitList *waiters) noexcept:
        cdef PyObject *waiter
        while True:
            guard.lock(&self.guard)
            waiter = waitlist_pop_lock_held(waiters)
            guard.unlock(&self.guard)
            if waiter == NULL:
                return
            wake_and_release(waiter)

    cdef void drop(self, Ring *ring) noexcept:
        # A finalizer of an item may run any code, so the ring must be nobody else's.
        cdef PyObject *item
        while ring.count > 0:
            item = ring_take_last(ring)
            Py_DECREF(<object> item)
        ring_free(ring)

    cdef void drop_all(self) noexcept:
        cdef Ring ring
        guard.lock(&self.guard)
        ring = self.ring
        memset(&self.ring, 0, sizeof(Ring))
        guard.unlock(&self.guard)
        self.drop(&ring)


# ---- The garbage collector must see the items: without these, a cycle through a queue would never be freed. ----

cdef traverseproc original_traverse = (<SlotsOfType *> PlainStore).tp_traverse
cdef inquiry original_clear = (<SlotsOfType *> PlainStore).tp_clear


cdef int _traverse(PyObject *self, visitproc visit, void *arg) noexcept:
    # Runs with every other thread stopped or without the GIL, so no lock; and it must not touch a reference count.
    cdef int outcome = original_traverse(self, visit, arg)
    if outcome:
        return outcome
    return ring_traverse(&(<PlainStore> self).ring, visit, arg)


cdef int _clear(PyObject *self) noexcept:
    (<PlainStore> self).drop_all()
    return original_clear(self)


(<SlotsOfType *> PlainStore).tp_traverse = _traverse
(<SlotsOfType *> PlainStore).tp_clear = _clear
