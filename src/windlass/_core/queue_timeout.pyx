"""What the timeout of a standard queue's put or get means."""
from libc.stdint cimport int64_t

from windlass._core.clock cimport NEVER_NS, delay_ns


cdef int64_t queue_delay_ns(object timeout) except -1:
    if timeout is None:
        return NEVER_NS
    if timeout < 0:
        raise ValueError("'timeout' must be a non-negative number")     # the words of the standard queue
    return delay_ns(timeout, True)
