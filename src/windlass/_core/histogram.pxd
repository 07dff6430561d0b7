"""A log-linear histogram of non-negative 64-bit numbers, in fixed memory."""
from libc.stdint cimport int64_t, uint64_t

from windlass._core.guard cimport Guard

cdef enum:
    SUB_BITS = 5                    # 32 buckets an octave: each is at most 1/32 as wide as its values are large
    SUB_BUCKETS = 1 << SUB_BITS
    LARGEST_BITS = 42               # 73 minutes in nanoseconds
    BUCKETS = (LARGEST_BITS - SUB_BITS + 1) * SUB_BUCKETS + 1   # the last one for whatever is larger


cdef class Histogram:
    cdef Guard _guard               # guards everything below
    cdef int64_t _count
    cdef int64_t _minimum           # INT64_MAX while there is nothing
    cdef int64_t _maximum           # -1 while there is nothing
    cdef double _total
    cdef uint64_t _buckets[BUCKETS]

    # Add one value; one below 0 counts as 0. Call it attached.
    cdef void add(self, int64_t value) noexcept

    cdef void _clear_lock_held(self) noexcept
    cdef void _copy_to(self, Histogram other, bint reset) noexcept
    cdef int64_t _at_rank(self, int64_t rank) noexcept
