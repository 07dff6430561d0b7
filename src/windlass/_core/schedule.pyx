# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""When a loop's ticks are due: the grid, what may change it, and what became of its releases.

Guarantees: every method but those of the loop may be called from any thread, a signal handler or a finalizer, and
never blocks, though stop() gives the GIL up for a moment; whoever sleeps on account of what is changed here is woken
after the change.
"""
from libc.stdint cimport int64_t

from windlass._core cimport guard
from windlass._core.clock cimport NEVER_NS, now_ns, span_ns
from windlass._core.grid cimport (
    LONGEST_PERIOD_NS,
    grid_arrive,
    grid_begin,
    grid_change,
    grid_resume,
    grid_start,
    later,
)
from windlass._core.parker cimport Parker

from time import time_ns

from windlass._core.grid import POLICIES

STARTS = ("now", "next")


def place_of(word: object, words: tuple[str, ...], name: str) -> int:
    """Return where ``word`` stands among ``words``; ValueError, which names the argument, if nowhere."""
    if word not in words:
        raise ValueError(f"{name} must be one of {', '.join(words)}, not {word!r}")
    return words.index(word)


cdef int64_t _period_ns(object interval) except -1:
    cdef int64_t period = span_ns(interval, "interval")
    if period == 0:
        raise ValueError(f"interval must be at least 1e-9 seconds, not {interval!r}")
    return min(period, LONGEST_PERIOD_NS)


cdef class Schedule:
    """When ticks are due. Not for use from Python: see :class:`windlass.Ticker`."""

    def __cinit__(self) -> None:
        guard.guard_init(&self._guard)
        self._grid.period = LONGEST_PERIOD_NS
        self._parker = Parker()

    def _set_up(
        self, interval: float, missed: str, max_burst: int | None, phase: float, align: float | None, start: str
    ) -> None:
        self._grid.period = _period_ns(interval)
        self._grid.policy = place_of(missed, POLICIES, "missed")
        self._grid.max_burst = 0
        if max_burst is not None:
            if not 1 <= max_burst < 2**31:
                raise ValueError(f"max_burst must be 1 or more, or None, not {max_burst!r}")
            self._grid.max_burst = max_burst
        self._phase_ns = span_ns(phase, "phase")
        self._align_ns = 0
        if align is not None:
            self._align_ns = span_ns(align, "align")
            if self._align_ns == 0:
                raise ValueError(f"align must be at least 1e-9 seconds, or None, not {align!r}")
        self._at_once = place_of(start, STARTS, "start") == 0

    # ---- the loop's side ----

    cdef int arrive(self, int64_t now, int64_t started) except -1:
        cdef int64_t wall = 0
        if not self._begun and self._align_ns:
            wall = time_ns()
        guard.lock(&self._guard)
        if started and now - started > self._grid.period:
            self._overruns += 1
        if not self._begun:
            self._begin_lock_held(now, wall)
        if self._state == PAUSED:       # what is next is decided by resume()
            self._grid.arrived = True
            self._grid.late = False
        else:
            grid_arrive(&self._grid, now)
        guard.unlock(&self._guard)
        return 0

    cdef void _begin_lock_held(self, int64_t now, int64_t wall) noexcept:
        cdef int64_t start = now
        self._begun = True
        if self._align_ns:
            start = later(now, (self._align_ns - wall % self._align_ns) % self._align_ns)
        grid_begin(&self._grid, later(start, self._phase_ns), self._at_once)

    cdef int look(self, int64_t now, Due *due) noexcept:
        cdef int found = ASLEEP
        guard.lock(&self._guard)
        due.release = self._grid.next if self._state == RUNNING else NEVER_NS
        due.period = self._grid.period
        if self._state == STOPPED:
            found = OVER
        elif due.release <= now:
            found = PASSED
            if grid_start(&self._grid, now, &due.tick):
                found = DUE
                due.number = self._ticks
                self._ticks += 1
                self._total_missed += due.tick.missed
        guard.unlock(&self._guard)
        return found

    # ---- everybody's side ----

    def stop(self) -> None:
        """End the loop: whoever waits gets None at once, and so does every later wait. Idempotent."""
        guard.lock(&self._guard)
        guard.state_store(&self._state, STOPPED)
        guard.unlock(&self._guard)
        if self._parker.is_asleep():
            # Not with the GIL, which the woken thread needs to end: with its short time slice it may take the
            # processor of this thread, only to wait for the GIL and give the processor back.
            with nogil:
                self._parker.wake()
        self._tell()

    def pause(self) -> None:
        """Let no tick run until :meth:`resume`. What passes meanwhile is not missed. Idempotent."""
        guard.lock(&self._guard)
        if self._state == RUNNING:
            guard.state_store(&self._state, PAUSED)
        guard.unlock(&self._guard)
        self._tell()

    def resume(self) -> None:
        """Go on after :meth:`pause`, with the next release of the same grid."""
        guard.lock(&self._guard)
        if self._state == PAUSED:
            guard.state_store(&self._state, RUNNING)
            if self._begun:
                grid_resume(&self._grid, now_ns())
        guard.unlock(&self._guard)
        self._tell()

    cdef int _tell(self) except -1:
        self._parker.wake()
        listener = self._listener
        if listener is not None:
            listener()
        return 0

    @property
    def interval(self) -> float:
        """Seconds between releases. A new one is counted from the last release on."""
        guard.lock(&self._guard)
        cdef int64_t period = self._grid.period
        guard.unlock(&self._guard)
        return period / 1e9

    @interval.setter
    def interval(self, value: float) -> None:
        cdef int64_t period = _period_ns(value)
        guard.lock(&self._guard)
        if period != self._grid.period:
            if self._begun:
                grid_change(&self._grid, period, now_ns())
            self._grid.period = period
        guard.unlock(&self._guard)
        self._tell()

    @property
    def stopped(self) -> bool:
        """Whether :meth:`stop` has been called."""
        return guard.state_load(&self._state) == STOPPED

    @property
    def paused(self) -> bool:
        """Whether it is paused."""
        return guard.state_load(&self._state) == PAUSED

    @property
    def missed(self) -> str:
        """What to do with late ticks: "skip", "drop", "burst" or "delay"."""
        return POLICIES[self._grid.policy]

    @property
    def max_burst(self) -> int | None:
        """For "burst": most late ticks in a row; None for no limit."""
        return self._grid.max_burst or None

    @property
    def ticks(self) -> int:
        """How many ticks ran, or run."""
        return self._ticks

    @property
    def total_missed(self) -> int:
        """How many releases were not run."""
        return self._total_missed

    @property
    def overruns(self) -> int:
        """How many runs took longer than the interval."""
        return self._overruns

    @property
    def next_release_ns(self) -> int | None:
        """The release waited for, on the clock of ``time.monotonic_ns()``; None if none is to come."""
        guard.lock(&self._guard)
        cdef int64_t release = self._grid.next if self._begun and self._state == RUNNING else NEVER_NS
        guard.unlock(&self._guard)
        return None if release == NEVER_NS else release
