"""By how much the kernel may be late in waking the calling thread."""
from libc.stdint cimport int64_t

cdef int64_t lower_slack() noexcept nogil                   # to the minimum; returns what restore_slack takes
cdef void restore_slack(int64_t before) noexcept nogil
