"""Watchers: threads that wait for tasks to end."""
from libc.stdint cimport int64_t

from windlass._core.parker cimport Parker
from windlass._core.runner cimport Home


cdef enum:
    MUST_HELP = 2               # what block_until() answers instead of sleeping


# Wait for a task at the worker that has it, if that is possible: see direct_seat.
cdef int fetch_from(object place, object task, int64_t deadline) except -1


cdef class Watcher(Parker):
    cdef Home home              # the pool that the thread which made it is a worker of; None if it is none
    cdef bint foreign           # waits for something that is not that pool's; set before it waits
    cdef public object help     # None, or what a worker calls that must not sleep: runs a task, or returns False

    # ---- Guarded by the guard of `home`.
    cdef bint counted           # among its blocked workers
    cdef bint called            # to help, since everybody else is blocked

    # Sleep as park_until(deadline): 1 woken, 0 too late; or at once MUST_HELP.
    cdef int block_until(self, int64_t deadline) except -1

    cdef void uncount(self) noexcept    # by who is about to wake it, see on_unblock

    # A watched task has ended. Called once per task, attached, by the thread that ended it; True: wake me now.
    cdef bint on_ended(self, object task) noexcept


cdef class Latch(Watcher):
    pass


cdef class CompletionStream(Watcher):
    cdef list ended             # tasks that ended and were not taken yet, in order of ending
    cdef Py_ssize_t wanted      # wake only when this many are there

    cdef int wait_for(self, Py_ssize_t wanted) except -1
    cdef int _wait_until(self, int64_t deadline, Py_ssize_t wanted) except -1
