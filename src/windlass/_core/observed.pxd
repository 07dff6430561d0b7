"""Something that ends once, and who hears of it. README.md, "Task"."""
from libc.stdint cimport int32_t

from windlass._core.guard cimport Guard
from windlass._core.runner cimport Runner

cdef enum:
    # States. PENDING -> RUNNING -> FINISHED, or PENDING -> CANCELLED; what is >= CANCELLED has ended.
    PENDING = 0
    RUNNING = 1
    CANCELLED = 2
    FINISHED = 3


cdef class Observed:
    cdef int32_t phase          # PENDING...; left by compare-and-swap only: whoever succeeds owns the task
    cdef Guard guard            # guards `observers` and `standard`; in a task also the giving up of the call
    cdef unsigned char standard     # 1: the standard library has touched _condition or _waiters
    cdef unsigned char untold   # 1: it has ended, and the standard library's waiters have not been told yet
    cdef object observers       # None, one watcher or callback, or a list of them

    cdef bint claim(self) noexcept nogil                    # PENDING -> RUNNING: True for exactly one caller
    cdef bint observe(self, object observer) except -1      # False: it has ended already
    cdef void unobserve(self, object observer) noexcept
    cdef void publish(self, int32_t phase, Runner runner) noexcept  # the end, with the outcome stored before
    cdef bint tells_others(self) noexcept                   # whether its end runs more than waiting threads
    cdef void meet_collector(self) noexcept                 # let the garbage collector see it

    cdef void tell_standard(self) noexcept
    cdef bint _has_callbacks_lock_held(self) noexcept
    cdef void _notify(self, object observers, Runner runner) noexcept
