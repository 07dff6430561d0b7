"""One firing of an interval, as the loop is told of it."""
from libc.stdint cimport int64_t


cdef class Tick:
    cdef readonly int64_t number        # ticks that ran before this one
    cdef readonly int64_t release_ns    # when it was to start, on the clock of monotonic_ns()
    cdef readonly int64_t lateness_ns   # how much later it did; never negative
    cdef readonly int64_t missed        # releases that were not run since the tick before
    cdef readonly int64_t gil_wait_ns   # how long its thread waited for the GIL
