"""What a priority queue holds: the items, the counts, the waiting threads, and the lock that guards them all.

The public queue and a pool's crew are two users of one store: the queue puts and gets, the crew takes under the same
lock that it uses for its own fields. The methods named ``*_lock_held`` need that lock; the others take it.
"""
from cpython.object cimport PyObject, visitproc
from cpython.ref cimport Py_DECREF, Py_INCREF

from windlass._core cimport guard
from windlass._core.levels cimport levels_free, levels_pop, levels_push, levels_traverse
from windlass._core.priority_key cimport PriorityKey
from windlass._core.waitlist cimport WaitNode, waitlist_pop_lock_held, waitlist_remove_lock_held, wake_and_release

from windlass.errors import QueueClosed


cdef extern from "Python.h":
    ctypedef int (*traverseproc)(PyObject *, visitproc, void *) noexcept
    ctypedef int (*inquiry)(PyObject *) noexcept
    ctypedef struct SlotsOfType "PyTypeObject":
        traverseproc tp_traverse
        inquiry tp_clear


cdef class ItemStore:
    """Items by priority with the counts and the waiting threads of a queue. Not for use from Python."""

    def __cinit__(self, *args, **kwargs):
        guard.guard_init(&self.guard)

    def __dealloc__(self):
        # Nobody else can reach the store; but a finalizer of an item may run any code, so: detach, then release.
        self.drop_all()
        levels_free(&self.levels)

    cdef Py_ssize_t live_lock_held(self) noexcept nogil:
        return <Py_ssize_t> self.levels.count - self.dead

    cdef bint full_lock_held(self) noexcept nogil:
        return self.maxsize_ > 0 and self.live_lock_held() + self.held >= self.maxsize_

    cdef void finish_lock_held(self, Py_ssize_t n) noexcept nogil:
        # Whoever called task_done() for items that were still in the queue has counted them already.
        self.unfinished_tasks = max(0, self.unfinished_tasks - n)

    cdef int set_maxsize(self, Py_ssize_t maxsize) except -1:
        self.maxsize_ = max(0, maxsize)
        return 0

    cdef void wake_joiners(self) noexcept:
        cdef PyObject *joiner
        while self.unfinished_tasks == 0 and self.joiners.first != NULL:
            guard.lock(&self.guard)
            joiner = waitlist_pop_lock_held(&self.joiners)
            guard.unlock(&self.guard)
            wake_and_release(joiner)

    cdef int try_put(self, PyObject *item, PriorityKey key) except -2:
        cdef PyObject *getter = NULL
        cdef int outcome = PUT_DONE
        guard.lock(&self.guard)
        if self.closed_:
            outcome = PUT_CLOSED
        elif self.full_lock_held():
            outcome = PUT_FULL
        elif levels_push(&self.levels, key, item) < 0:
            outcome = PUT_NO_MEMORY
        else:
            Py_INCREF(<object> item)
            self.unfinished_tasks += 1
            getter = waitlist_pop_lock_held(&self.getters)
        guard.unlock(&self.guard)
        if getter != NULL:
            wake_and_release(getter)
        if outcome == PUT_CLOSED:
            raise QueueClosed("put on a closed queue")
        if outcome == PUT_NO_MEMORY:
            raise MemoryError("no memory for another item")
        return outcome

    cdef PyObject *try_get(self, bint *closed) noexcept:
        # The item with its reference, or NULL; `closed` then says whether to stop waiting.
        cdef PyObject *item
        cdef PyObject *putter = NULL
        guard.lock(&self.guard)
        item = levels_pop(&self.levels)
        closed[0] = self.closed_
        if item != NULL and self.putters.first != NULL:
            putter = waitlist_pop_lock_held(&self.putters)
        guard.unlock(&self.guard)
        if putter != NULL:
            wake_and_release(putter)
        return item

    cdef void leave_getters(self, WaitNode *node) noexcept:
        # A wake that this getter no longer needs belongs to the next one, while there is something to get.
        cdef PyObject *next_getter = NULL
        guard.lock(&self.guard)
        waitlist_remove_lock_held(&self.getters, node)
        if self.live_lock_held() > 0:
            next_getter = waitlist_pop_lock_held(&self.getters)
        guard.unlock(&self.guard)
        wake_and_release(next_getter)

    cdef void leave_putters(self, WaitNode *node) noexcept:
        cdef PyObject *next_putter = NULL
        guard.lock(&self.guard)
        waitlist_remove_lock_held(&self.putters, node)
        if not self.full_lock_held():
            next_putter = waitlist_pop_lock_held(&self.putters)
        guard.unlock(&self.guard)
        wake_and_release(next_putter)

    cdef void wake_all_putters(self) noexcept:
        cdef PyObject *putter
        while True:
            guard.lock(&self.guard)
            putter = waitlist_pop_lock_held(&self.putters)
            guard.unlock(&self.guard)
            if putter == NULL:
                return
            wake_and_release(putter)

    cdef void drop_all(self) noexcept:
        cdef PyObject *item
        while True:
            guard.lock(&self.guard)
            item = levels_pop(&self.levels)
            guard.unlock(&self.guard)
            if item == NULL:
                return
            Py_DECREF(<object> item)


# ---- The garbage collector must see the items: without these, a cycle through a queue would never be freed. ----

cdef traverseproc original_traverse = (<SlotsOfType *> ItemStore).tp_traverse
cdef inquiry original_clear = (<SlotsOfType *> ItemStore).tp_clear


cdef int _traverse(PyObject *self, visitproc visit, void *arg) noexcept:
    # Runs with every other thread stopped or without the GIL, so no lock; and it must not touch a reference count.
    cdef int outcome = original_traverse(self, visit, arg)
    if outcome:
        return outcome
    return levels_traverse(&(<ItemStore> self).levels, visit, arg)


cdef int _clear(PyObject *self) noexcept:
    (<ItemStore> self).drop_all()
    return original_clear(self)


(<SlotsOfType *> ItemStore).tp_traverse = _traverse
(<SlotsOfType *> ItemStore).tp_clear = _clear
