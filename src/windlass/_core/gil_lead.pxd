"""How long before a release to ask for the GIL, learnt from how long recent ticks waited for it."""
from libc.stdint cimport int64_t

cdef enum:
    WINDOW = 16             # ticks


ctypedef struct GilWaits:
    int64_t recent[WINDOW]
    int at                  # where the next one goes
    int64_t lead            # what gil_lead found last

cdef void gil_note(GilWaits *self, int64_t wait) noexcept nogil
