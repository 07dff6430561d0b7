"""A ticker: a thread waits for release after release on an absolute time grid. README.md, "Ticker"."""
from libc.stdint cimport int32_t, int64_t

from windlass._core.gil_lead cimport GilWaits
from windlass._core.grid cimport Grid, Release
from windlass._core.guard cimport Guard
from windlass._core.histogram cimport Histogram
from windlass._core.parker cimport Parker
from windlass._core.tick cimport Tick


cdef class CoreTicker:
    # ---- guarded by _guard
    cdef Guard _guard
    cdef Grid _grid
    cdef int32_t _state             # RUNNING, PAUSED or STOPPED
    cdef bint _begun                # the grid has a start
    cdef bint _waiting              # a thread is in wait()
    cdef int64_t _ticks
    cdef int64_t _total_missed
    cdef int64_t _overruns

    # ---- set once
    cdef int64_t _spin_ns
    cdef int64_t _phase_ns
    cdef int64_t _align_ns          # 0: none
    cdef bint _at_once
    cdef int _gil
    cdef Parker _parker             # whoever changes what a sleeper depends on wakes it afterwards
    cdef Histogram _lateness
    cdef Histogram _period_jitter
    cdef Histogram _run_time
    cdef Histogram _gil_wait
    cdef public object _listener    # called without arguments after each change that a wait depends on; or None

    # ---- of the waiting thread
    cdef GilWaits _gil_waits
    cdef int64_t _gil_waited_ns     # for the tick to come
    cdef int64_t _started_ns        # of the tick that runs; 0 between its end and the next start
    cdef int64_t _offset_ns         # how far the last start was from the grid's base
    cdef Tick _latest               # handed out last
    cdef Tick _spare                # handed out before that
    cdef int _forks

    # The next tick, or None when stopped or at `limit`.
    cdef Tick next_tick(self, int64_t limit)

    cdef int _enter(self) except -1
    cdef void _note_arrival(self)
    cdef Tick _await_release(self, int64_t limit)
    cdef int _rest(self, int64_t release, int64_t limit, int64_t period) except -1
    cdef void _spin_until(self, int64_t until) noexcept nogil
    cdef Tick _hand_out(self, Release *release, int64_t now)
    cdef int _tell(self) except -1
