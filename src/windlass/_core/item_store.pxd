"""What a priority queue holds: the items, the counts, the waiting threads, and the lock that guards them all."""
from cpython.object cimport PyObject

from windlass._core.guard cimport Guard
from windlass._core.levels cimport Levels
from windlass._core.priority_key cimport PriorityKey
from windlass._core.waitlist cimport WaitList, WaitNode

cdef enum:
    PUT_DONE = 0
    PUT_FULL = 1
    PUT_CLOSED = 2
    PUT_NO_MEMORY = 3


cdef class ItemStore:
    cdef object __weakref__
    cdef object owner               # None, or True: only the crew of a pool may put

    # ---- Guarded by `guard`: all below. A crew uses this same lock for its own fields.
    cdef Guard guard
    cdef Levels levels
    cdef Py_ssize_t dead            # items in `levels` that no longer count (cancelled tasks, see crew)
    cdef Py_ssize_t held            # of a pool: tasks out of `levels` that wait at their limits, and count as waiting
    cdef Py_ssize_t maxsize_        # 0: unbounded
    cdef readonly Py_ssize_t unfinished_tasks   # put, but not yet reported as finished
    cdef bint closed_               # once true, never false again
    cdef WaitList getters           # wait for an item
    cdef WaitList putters           # wait for room
    cdef WaitList joiners           # wait for unfinished_tasks == 0

    cdef Py_ssize_t live_lock_held(self) noexcept nogil         # what qsize() says
    cdef bint full_lock_held(self) noexcept nogil
    cdef void finish_lock_held(self, Py_ssize_t n) noexcept nogil    # then, without the lock, wake_joiners()

    cdef int set_maxsize(self, Py_ssize_t maxsize) except -1
    cdef void wake_joiners(self) noexcept
    cdef void wake_all_putters(self) noexcept
    cdef void leave_getters(self, WaitNode *node) noexcept      # a waiter gives up, and passes on a wake it got
    cdef void leave_putters(self, WaitNode *node) noexcept
    cdef PyObject *try_get(self, bint *closed) noexcept         # gives the reference
    cdef int try_put(self, PyObject *item, PriorityKey key) except -2   # PUT_DONE or PUT_FULL
    cdef void drop_all(self) noexcept
