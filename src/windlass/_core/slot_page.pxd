"""Memory that a worker process shares with its parent: which call it is at."""
from libc.stdint cimport int64_t, uint64_t


# At the start of the page. A new page is all zeros, and calls are numbered from 1.
ctypedef struct Slot:
    uint64_t begun          # written by the worker: the latest call it began
    uint64_t finished       # written by the worker: the latest call it is through with; != begun: it is at `begun`
    int64_t started_ns      # written by the worker: when it began `begun`, on the monotonic clock
    uint64_t item           # written by the worker: which item of a chunk it is at
    uint64_t memory         # written by the worker: bytes it occupies, as last looked at
    uint64_t revoked        # written by the parent: calls with lower numbers must not be begun any more


cdef class SlotPage:
    cdef Py_buffer view
    cdef Slot *slot
