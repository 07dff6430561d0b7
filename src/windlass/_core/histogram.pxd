"""A log-linear histogram of non-negative 64-bit numbers: fixed memory, a few nanoseconds a record.

One mutex-free section per record on GIL builds, one PyMutex on free-threaded ones: no reader sees half a record.
"""
from libc.stdint cimport int64_t, uint64_t

from windlass._core.guard cimport Guard

cdef enum:
    SUB_BITS = 5                    # 32 buckets an octave: a bucket is at most 1/32 of its values wide
    SUB_BUCKETS = 1 << SUB_BITS
    LARGEST_BITS = 42               # about 73 minutes in nanoseconds; what is beyond shares the last bucket
    BUCKETS = (LARGEST_BITS - SUB_BITS + 1) * SUB_BUCKETS + 1


cdef class Histogram:
    cdef Guard _guard               # guards everything below
    cdef int64_t _count
    cdef int64_t _minimum           # INT64_MAX while there is nothing
    cdef int64_t _maximum           # -1 while there is nothing
    cdef double _total
    cdef uint64_t _buckets[BUCKETS]

    # Add one value; below 0 counts as 0. Call it attached. Never fails, never allocates.
    cdef void add(self, int64_t value) noexcept
