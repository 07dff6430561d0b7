"""What has become of a crew's tasks."""
from libc.stdint cimport int64_t

from windlass._core.runner cimport Home
from windlass._core.task cimport CoreTask


ctypedef struct Figures:
    Py_ssize_t running      # claimed and not ended
    Py_ssize_t submitted
    Py_ssize_t done         # returned
    Py_ssize_t failed       # raised
    Py_ssize_t cancelled
    int64_t wait_total_ns   # from submit to start, over those that ended
    int64_t wait_max_ns
    int64_t run_total_ns
    int64_t run_max_ns

cdef tuple as_tuple(const Figures *figures)     # in that order, times in seconds


cdef class Tally(Home):
    cdef Figures figures        # guarded by whoever owns the tally

    cdef void note_end(self, CoreTask task) noexcept
