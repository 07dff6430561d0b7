"""Objects of a plain queue, the threads that wait for one, and the lock that guards them."""
from cpython.object cimport PyObject
from libc.stdint cimport int64_t

from windlass._core.guard cimport Guard
from windlass._core.object_ring cimport Ring
from windlass._core.waitlist cimport WaitList, WaitNode

# What came of a put or a get.
cdef enum:
    DONE = 0
    NONE_LEFT = 1       # a get found nothing
    FULL = 2            # a put found no room
    SHUT_DOWN = 3
    UNDER_MUTEX = 4     # nothing was done: the queue has gone over to its mutex, see plain_queue
    TO_COMPARE = 5      # nothing was done: the heap has to run Python code first, see plain_queue


cdef class PlainStore:
    cdef object __weakref__

    # ---- Guarded by `guard`: all below.
    cdef Guard guard
    cdef dict parts             # None, or mutex, conditions and container of a queue that has gone over to them
    cdef Ring ring
    cdef WaitList getters       # wait for an item
    cdef bint waiting_is_over   # nobody may begin to wait: shut down, or gone over to the mutex

    cdef bint over_lock_held(self) noexcept nogil                   # whether it has gone over to its mutex
    cdef int try_get(self, PyObject **item) except -1               # what came of it; DONE gives the reference
    cdef int get_until(self, PyObject **item, int64_t deadline) except -1   # the same; waits while NONE_LEFT
    cdef void leave_getters(self, WaitNode *node) noexcept          # a waiter gives up, and passes on a wake it got
    cdef void wake_all(self, WaitList *waiters) noexcept
    cdef void drop(self, Ring *ring) noexcept                       # release what a ring taken out of the store holds
    cdef void drop_all(self) noexcept
