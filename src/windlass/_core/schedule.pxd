"""When a loop's ticks are due: the grid, what may change it, and what became of its releases."""
from libc.stdint cimport int32_t, int64_t

from windlass._core.grid cimport Grid, Release
from windlass._core.guard cimport Guard
from windlass._core.parker cimport Parker

cdef enum:      # _state
    RUNNING = 0
    PAUSED = 1
    STOPPED = 2

cdef enum:      # what look() finds
    ASLEEP = 0  # sleep until due.release, then look again; NEVER_NS while paused
    DUE = 1     # run due.tick now
    PASSED = 2  # the policy has given up what was due; look again
    OVER = 3    # stopped


ctypedef struct Due:
    int64_t release
    int64_t period
    int64_t number      # these two only if DUE
    Release tick


cdef class Schedule:
    # ---- guarded by _guard
    cdef Guard _guard
    cdef Grid _grid
    cdef int32_t _state
    cdef bint _begun                # the grid has a start
    cdef int64_t _ticks
    cdef int64_t _total_missed
    cdef int64_t _overruns

    # ---- set once
    cdef int64_t _phase_ns
    cdef int64_t _align_ns          # 0: none
    cdef bint _at_once
    cdef Parker _parker             # where the loop sleeps
    cdef public object _listener    # called without arguments after each change that a sleep depends on; or None

    # The loop comes to wait; its last tick began at `started`, 0 if that has been told. Begins the grid.
    cdef int arrive(self, int64_t now, int64_t started) except -1
    cdef int look(self, int64_t now, Due *due) noexcept

    cdef void _begin_lock_held(self, int64_t now, int64_t wall) noexcept
    cdef int _tell(self) except -1
