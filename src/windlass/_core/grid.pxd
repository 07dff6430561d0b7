"""The grid of releases: which one is next, and what becomes of those that have passed.

Plain arithmetic on nanoseconds: the caller says what time it is, and holds the lock. README.md, "Ticker", has the
rules. All sums saturate at NEVER_NS, a release that does not come.
"""
from libc.stdint cimport int32_t, int64_t

cdef enum:
    SKIP = 0
    DROP = 1
    BURST = 2
    DELAY = 3

cdef extern from *:
    const int64_t LONGEST_PERIOD_NS "(INT64_C(1) << 62)"     # 146 years


ctypedef struct Grid:
    int64_t period          # 1 .. LONGEST_PERIOD_NS
    int64_t next            # the release waited for
    int64_t base            # the release before it, or where the grid began (anew): next is base + k * period, k >= 0
    int64_t missed          # releases given up since the last tick
    int32_t policy
    int32_t max_burst       # 0: no limit
    int32_t burst           # late ticks in a row so far
    bint arrived            # the loop has come to wait for `next`
    bint late               # ... after it had passed


# What grid_start tells of a tick.
ctypedef struct Release:
    int64_t at
    int64_t lateness
    int64_t missed
    bint anchored           # the grid begins anew at this tick's start (DELAY)

cdef void grid_begin(Grid *self, int64_t start, bint at_once) noexcept nogil
cdef void grid_arrive(Grid *self, int64_t now) noexcept nogil       # the loop waits; only the first call a tick counts
cdef bint grid_start(Grid *self, int64_t now, Release *release) noexcept nogil   # needs now >= next; False: none runs
cdef void grid_change(Grid *self, int64_t period, int64_t now) noexcept nogil    # a new period from base on
cdef void grid_resume(Grid *self, int64_t now) noexcept nogil       # what has passed is neither run nor missed
cdef int64_t later(int64_t at, int64_t delay) noexcept nogil        # at + delay, NEVER_NS at most
