"""What the timeout of a standard queue's put or get means."""
from libc.stdint cimport int64_t

cdef int64_t queue_delay_ns(object timeout) except -1   # nanoseconds; NEVER_NS for None and infinity
