"""How long before a release to ask for the GIL, learnt from how long recent ticks waited for it.

The lead is the second longest of the last 16 waits and a margin. So one outlier (the host took the processor away)
moves nothing, two late ticks are enough to learn that there is a busy thread, and 16 to forget it. A mean with its
deviation, or a maximum that fades, would let one outlier of a second decide over many ticks.
"""
from libc.stdint cimport int64_t

cdef enum:
    NO_WAIT_NS = 20_000     # less is no contention: the lead is then none
    MARGIN_NS = 50_000      # a busy thread gives the GIL up at its switch interval, and the kernel wakes its successor


cdef void gil_note(GilWaits *self, int64_t wait) noexcept nogil:
    self.recent[self.at] = wait
    self.at = (self.at + 1) % WINDOW
    cdef int64_t longest = 0
    cdef int64_t second = 0
    cdef int place
    for place in range(WINDOW):
        if self.recent[place] > longest:
            second = longest
            longest = self.recent[place]
        elif self.recent[place] > second:
            second = self.recent[place]
    self.lead = second + MARGIN_NS if second >= NO_WAIT_NS else 0


cdef class GilLead:
    """The same for Python, for tests.

    Thread safety:
        Safe on distinct objects.
    """

    cdef GilWaits _waits

    def note(self, wait: int) -> None:
        """Learn from a wait of so many nanoseconds."""
        gil_note(&self._waits, wait)

    @property
    def lead(self) -> int:
        """How many nanoseconds before a release to ask; 0 while nobody has to wait."""
        return self._waits.lead
