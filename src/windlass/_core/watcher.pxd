"""Watchers: threads that wait for tasks to end."""
from libc.stdint cimport int64_t

from windlass._core.parker cimport Parker


cdef class Watcher(Parker):
    # A watched task has ended. Called once per task, attached, by the thread that ended it; True: wake me now.
    cdef bint on_ended(self, object task) noexcept


cdef class Latch(Watcher):
    pass


cdef class CompletionStream(Watcher):
    cdef list ended             # tasks that ended and were not taken yet, in order of ending
    cdef Py_ssize_t wanted      # wake only when this many are there

    cdef int wait_for(self, Py_ssize_t wanted) except -1
    cdef int _wait_until(self, int64_t deadline, Py_ssize_t wanted) except -1
