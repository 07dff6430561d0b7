"""The time slice of a loop's thread: who gets a processor first when several want it.

Of two threads that want one processor the kernel lets the one with the shorter slice go first. All have 3 ms (less on
few processors) unless they ask for less, which needs no privilege. A loop that spins before its releases uses enough
of the processor to lose it, now and then, to one that computes, and is then late by that one's whole slice: beside
one busy process for each processor, one tick in fifty was 3.5 ms late; with a slice of 0.1 ms, one in a thousand was
1.4 us late.
"""
from libc.stdint cimport int64_t

from windlass._core.clock cimport NS_PER_US


cdef extern from "time_slice.h" nogil:
    ctypedef struct Slice "windlass_slice":
        pass
    int64_t windlass_get_slice(Slice *slice) noexcept
    bint windlass_set_slice(Slice *slice, int64_t slice_ns) noexcept

cdef extern from "Python.h" nogil:
    unsigned long PyThread_get_thread_ident() noexcept

cdef enum:
    SHORT_NS = 100 * NS_PER_US      # the kernel's minimum


cdef void shorten_slice(ShortSlice *self) noexcept nogil:
    cdef unsigned long here = PyThread_get_thread_ident()
    cdef Slice slice
    if self.thread == here:
        return
    self.thread = here
    self.before = windlass_get_slice(&slice)
    if self.before <= SHORT_NS or not windlass_set_slice(&slice, SHORT_NS):
        self.before = 0


cdef void give_slice_back(ShortSlice *self) noexcept nogil:
    cdef Slice slice
    if self.thread != PyThread_get_thread_ident():
        return
    self.thread = 0
    # Only from what was set here: the thread may have got another scheduling class since.
    if self.before and windlass_get_slice(&slice) == SHORT_NS:
        windlass_set_slice(&slice, self.before)


def time_slice_ns() -> int | None:
    """Return the time slice of the calling thread in nanoseconds; None where the kernel does not tell.

    Thread safety:
        Atomic.
    """
    cdef Slice slice
    return windlass_get_slice(&slice) or None
