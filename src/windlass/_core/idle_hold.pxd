"""How long tickers hold the GIL while nothing runs. README.md, "Ticker"."""
from libc.stdint cimport int64_t


ctypedef struct Holds:
    int64_t total
    int64_t window_began
    int64_t window_total    # since then

# Of this process. Guarded by the GIL; whoever has none may read the total.
cdef Holds process_holds

cdef bint may_hold(Holds *self, int64_t span, int64_t now) noexcept nogil       # whether one may, for so long
cdef void note_hold(Holds *self, int64_t began, int64_t ended) noexcept nogil   # one has
