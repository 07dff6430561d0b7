"""Priorities as pairs of 64-bit integers that compare like the numbers they stand for."""
from libc.stdint cimport int64_t


ctypedef struct PriorityKey:
    int64_t whole       # the integer part, clamped to 64 bits
    int64_t part        # the fraction: its bits as a double, with its sign; 0 for integers

# Runs Python code (__index__, __float__): call it before anything is locked.
cdef int key_of(object priority, PriorityKey *key) except -1

cdef inline bint key_less(PriorityKey a, PriorityKey b) noexcept nogil:
    return a.whole < b.whole or (a.whole == b.whole and a.part < b.part)

cdef inline bint key_equal(PriorityKey a, PriorityKey b) noexcept nogil:
    return a.whole == b.whole and a.part == b.part
