"""Monotonic time in nanoseconds, and what a user's timeout means in them."""
from libc.stdint cimport int64_t

cdef enum:
    NS_PER_US = 1_000
    NS_PER_S = 1_000_000_000

cdef extern from *:
    const int64_t NEVER_NS "INT64_MAX"      # a deadline that does not come; a delay without limit

cdef int64_t now_ns() noexcept nogil
cdef int64_t deadline_after_ns(int64_t delay_ns) noexcept nogil         # NEVER_NS where the sum would overflow
cdef int64_t delay_ns(object timeout, bint negative_ok) except -1       # 0 <= result <= NEVER_NS
cdef int64_t deadline_ns(object timeout, bint negative_ok) except -1    # the same, as a deadline
cdef int64_t span_ns(object seconds, str name) except -1                # finite, 0 or more, to the nearest
