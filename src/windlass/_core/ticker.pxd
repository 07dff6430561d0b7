"""A ticker: a thread waits for release after release on an absolute time grid. README.md, "Ticker"."""
from libc.stdint cimport int32_t, int64_t

from windlass._core.gil_lead cimport GilWaits
from windlass._core.histogram cimport Histogram
from windlass._core.schedule cimport Due, Schedule
from windlass._core.tick cimport Tick


cdef class CoreTicker(Schedule):
    # ---- set once
    cdef int64_t _spin_ns
    cdef int _gil
    cdef Histogram _lateness
    cdef Histogram _period_jitter
    cdef Histogram _run_time
    cdef Histogram _gil_wait

    # ---- of the waiting thread
    cdef int32_t _waiting           # whether there is one
    cdef int _forks                 # as of the last wait
    cdef GilWaits _gil_waits
    cdef int64_t _gil_waited_ns     # for the tick to come
    cdef int64_t _started_ns        # of the tick that runs; 0 between its end and the next start
    cdef int64_t _offset_ns         # how far the last start was from the point the grid is counted from
    cdef Tick _latest               # handed out last
    cdef Tick _spare                # handed out before that

    # The next tick, or None when stopped or at `limit`.
    cdef Tick next_tick(self, int64_t limit)

    cdef Tick _await_release(self, int64_t limit)
    cdef int _rest(self, int64_t release, int64_t limit, int64_t period) except -1
    cdef void _spin_until(self, int64_t until) noexcept nogil
    cdef Tick _hand_out(self, Due *due, int64_t now)
