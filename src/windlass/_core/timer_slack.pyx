"""By how much the kernel may be late in waking the calling thread: 50 us unless it is told otherwise.

It is a property of each thread, inherited when a thread is made, and needs no permission. Threads of the realtime
classes have none.
"""
from libc.stdint cimport int64_t


cdef extern from "timer_slack.h" nogil:
    int64_t windlass_timer_slack() noexcept         # negative where it is not known
    int windlass_set_timer_slack(int64_t slack_ns) noexcept

cdef enum:
    LEAST_NS = 1        # 0 would mean "the default again"


cdef int64_t lower_slack() noexcept nogil:
    cdef int64_t before = windlass_timer_slack()
    if before > LEAST_NS:
        windlass_set_timer_slack(LEAST_NS)
    return before


cdef void restore_slack(int64_t before) noexcept nogil:
    if before > LEAST_NS:
        windlass_set_timer_slack(before)


def timer_slack_ns() -> int | None:
    """Return the timer slack of the calling thread in nanoseconds; None where there is no such thing.

    Thread safety:
        Atomic.
    """
    cdef int64_t slack = windlass_timer_slack()
    return slack if slack >= 0 else None
