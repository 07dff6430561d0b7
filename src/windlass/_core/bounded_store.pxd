"""Objects of a plain queue that has a bound, an order and a count of unfinished tasks."""
from cpython.object cimport PyObject
from libc.stdint cimport int64_t, uint64_t

from windlass._core.plain_store cimport PlainStore
from windlass._core.waitlist cimport WaitList, WaitNode

cdef enum:
    FIRST_IN_FIRST_OUT = 0
    LAST_IN_FIRST_OUT = 1
    LEAST_FIRST = 2


cdef class BoundedStore(PlainStore):
    cdef int order              # of items; set at birth

    # ---- Guarded by `guard`: all below.
    cdef Py_ssize_t bound       # most items; 0: no limit
    cdef Py_ssize_t unfinished  # put, but not yet reported as finished
    cdef bint shut              # no more puts, and gets only until it is empty
    cdef uint64_t version       # counts the changes of `ring`
    cdef WaitList putters       # wait for room
    cdef WaitList joiners       # wait for unfinished == 0
    cdef object turn            # None, or the lock of who runs Python code to compare items; needed by LEAST_FIRST
    cdef int turn_forks         # the fork count when it was made
    cdef int comparing          # calls that have the turn, one within another

    cdef int try_put(self, object item) except -1                       # what came of it
    cdef int put_until(self, object item, int64_t deadline) except -1   # the same; waits while FULL
    cdef void wake_joiners(self) noexcept                               # if no task is unfinished
    cdef list snapshot(self, uint64_t *version)     # the items as they lie, and the version that they are of
    cdef int forbid_own_wait(self) except -1                            # error: a comparison of this heap would wait

    cdef bint full_lock_held(self) noexcept nogil
    cdef int may_get_lock_held(self) noexcept nogil                     # DONE if there is something, else why not
    cdef int may_put_lock_held(self) noexcept nogil
    cdef PyObject *taken_lock_held(self) noexcept nogil                 # after a get: the putter to wake
    cdef int push_lock_held(self, PyObject *item, size_t place, PyObject **getter) noexcept     # -1: no memory
    cdef void leave_putters(self, WaitNode *node) noexcept
    cdef object take_turn(self)
    cdef void end_turn(self, object turn) noexcept
    cdef int get_comparing(self, PyObject **item) except -1
    cdef int put_comparing(self, object item) except -1
