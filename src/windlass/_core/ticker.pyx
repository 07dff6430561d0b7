# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""A ticker: a thread waits for release after release on an absolute time grid.

Guarantees: no tick starts before its release; no change (stop, pause, another interval) is slept through; a tick
allocates nothing while the loop keeps none. README.md, "Ticker", has the steps of a wait and the races they close.
"""
from cpython.object cimport PyObject
from libc.errno cimport EINTR, ETIMEDOUT
from libc.stdint cimport int32_t, int64_t

from windlass._core cimport atomics, guard
from windlass._core.clock cimport NEVER_NS, NS_PER_US, deadline_ns, now_ns, span_ns
from windlass._core.forks cimport forks
from windlass._core.gil_lead cimport gil_note
from windlass._core.grid cimport (
    LONGEST_PERIOD_NS,
    Release,
    grid_arrive,
    grid_begin,
    grid_change,
    grid_resume,
    grid_start,
    later,
)
from windlass._core.histogram cimport Histogram
from windlass._core.parker cimport Parker
from windlass._core.tick cimport Tick
from windlass._core.timer_slack cimport lower_slack, restore_slack

from time import time_ns

from windlass._core.grid import POLICIES


cdef extern from "Python.h":
    int PyErr_CheckSignals() except -1
    Py_ssize_t Py_REFCNT(PyObject *) noexcept

cdef enum:
    RUNNING = 0
    PAUSED = 1
    STOPPED = 2

cdef enum:
    AUTO = 0
    AFTER = 1
    EARLY = 2

cdef enum:
    SPIN_SHARE = 10                         # the spin tail is at most this part of the period
    # The GIL may come long before the release. It is then held idle for at most this part of the period, at most so
    # long; if there is more time left, the others get it once more.
    AUTO_SHARE = 10
    AUTO_HOLD_NS = 2_000 * NS_PER_US
    EARLY_SHARE = 2
    EARLY_HOLD_NS = 10_000 * NS_PER_US

GIL_MODES = ("auto", "after", "early")      # their numbers are the places
STARTS = ("now", "next")
HISTOGRAMS = ("lateness", "period_jitter", "run_time", "gil_wait")


def _place_of(word: object, words: tuple[str, ...], name: str) -> int:
    if word not in words:
        raise ValueError(f"{name} must be one of {', '.join(words)}, not {word!r}")
    return words.index(word)


cdef int64_t _period_ns(object interval) except -1:
    cdef int64_t period = span_ns(interval, "interval")
    if period == 0:
        raise ValueError(f"interval must be at least 1e-9 seconds, not {interval!r}")
    return min(period, LONGEST_PERIOD_NS)


cdef class CoreTicker:
    """The compiled half of :class:`windlass.Ticker`, which tells everything."""

    def __cinit__(self) -> None:
        guard.guard_init(&self._guard)
        self._grid.period = LONGEST_PERIOD_NS
        self._parker = Parker()
        self._lateness = Histogram()
        self._period_jitter = Histogram()
        self._run_time = Histogram()
        self._gil_wait = Histogram()
        self._latest = Tick()
        self._spare = Tick()
        self._forks = forks()

    def __init__(
        self,
        interval: float,
        *,
        missed: str = "skip",
        max_burst: int | None = 4,
        spin: float = 100e-6,
        gil: str = "auto",
        phase: float = 0.0,
        align: float | None = None,
        start: str = "now",
    ) -> None:
        self._grid.period = _period_ns(interval)
        self._grid.policy = _place_of(missed, POLICIES, "missed")
        self._grid.max_burst = 0
        if max_burst is not None:
            if not 1 <= max_burst < 2**31:
                raise ValueError(f"max_burst must be 1 or more, or None, not {max_burst!r}")
            self._grid.max_burst = max_burst
        self._spin_ns = span_ns(spin, "spin")
        self._gil = _place_of(gil, GIL_MODES, "gil")
        self._phase_ns = span_ns(phase, "phase")
        self._align_ns = 0
        if align is not None:
            self._align_ns = span_ns(align, "align")
            if self._align_ns == 0:
                raise ValueError(f"align must be at least 1e-9 seconds, or None, not {align!r}")
        self._at_once = _place_of(start, STARTS, "start") == 0

    # ---- the loop's side ----

    def wait(self, timeout: float | None = None) -> Tick | None:
        """Sleep until the next tick is to run.

        Args:
            timeout: Longest wait in seconds; None for no limit, 0 to look only.

        Returns:
            The tick; None if the ticker is stopped, or if the time is over: the tick is then still to come.

        Raises:
            RuntimeError: Another thread waits.
            TypeError, ValueError: ``timeout`` is not such a number.
        """
        return self.next_tick(NEVER_NS if timeout is None else deadline_ns(timeout, False))

    def __iter__(self):
        return self

    def __next__(self) -> Tick:
        cdef Tick tick = self.next_tick(NEVER_NS)
        if tick is None:
            raise StopIteration
        return tick

    cdef Tick next_tick(self, int64_t limit):
        self._enter()
        try:
            return self._await_release(limit)
        finally:
            self._waiting = False

    cdef int _enter(self) except -1:
        if self._forks != forks():      # the parent's waiting thread does not exist here
            self._forks = forks()
            self._waiting = False
            self._parker.reset_after_fork()
        guard.lock(&self._guard)
        cdef bint taken = self._waiting
        self._waiting = True
        guard.unlock(&self._guard)
        if taken:
            raise RuntimeError("another thread waits for this ticker")
        return 0

    cdef void _note_arrival(self):
        # The run of the last tick is over; whether the next one is late is decided here.
        cdef int64_t now = now_ns()
        cdef int64_t started = self._started_ns
        cdef int64_t wall = 0
        self._started_ns = 0
        if not self._begun and self._align_ns:
            wall = time_ns()
        guard.lock(&self._guard)
        if started and now - started > self._grid.period:
            self._overruns += 1
        if not self._begun:
            self._begun = True
            if self._align_ns:
                now = later(now, (self._align_ns - wall % self._align_ns) % self._align_ns)
            grid_begin(&self._grid, later(now, self._phase_ns), self._at_once)
        if self._state == PAUSED:
            self._grid.arrived = True
            self._grid.late = False
        else:
            grid_arrive(&self._grid, now)
        guard.unlock(&self._guard)
        if started:
            self._run_time.add(now - started)

    cdef Tick _await_release(self, int64_t limit):
        cdef int64_t release, period, now
        cdef int32_t state
        cdef Release given
        cdef bint runs
        self._note_arrival()
        while True:
            # Consumed before the state is read: a change after that leaves a wake, and the next rest ends at once.
            self._parker.consume()
            now = now_ns()
            runs = False
            guard.lock(&self._guard)
            state = self._state
            release = NEVER_NS if state == PAUSED else self._grid.next
            period = self._grid.period
            if state == RUNNING and release <= now:
                runs = grid_start(&self._grid, now, &given)
                if runs:
                    self._ticks += 1
                    self._total_missed += given.missed
            guard.unlock(&self._guard)
            if state == STOPPED:
                return None
            if runs:
                return self._hand_out(&given, now)
            if limit <= now:
                return None
            if release > now:       # else: the policy gave it up
                self._rest(release, limit, period)

    cdef int _rest(self, int64_t release, int64_t limit, int64_t period) except -1:
        # Sleep, get the GIL, and be awake at the release. May return early: the caller looks at everything anew.
        cdef int64_t until = min(release, limit)
        cdef int64_t awake = 0      # how long before `until` to wake up
        cdef int64_t ask = 0        # how long before `until` to ask for the GIL; 0: when it has come
        cdef int64_t hold = 0       # how long to hold the GIL idle, at most
        cdef int64_t slack, asked, got
        cdef int why
        if until == release:
            awake = min(self._spin_ns, period // SPIN_SHARE)
            if self._gil == AUTO:
                ask = self._gil_waits.lead
                hold = max(awake, min(period // AUTO_SHARE, AUTO_HOLD_NS))
            elif self._gil == EARLY:
                ask = max(awake, self._gil_waits.lead)
                hold = max(awake, min(period // EARLY_SHARE, EARLY_HOLD_NS))
            if guard.FREE_THREADED:
                ask = 0     # nobody may sleep or spin attached: it would hold up the collector
        PyErr_CheckSignals()    # a signal from now on interrupts the sleep
        while True:
            with nogil:
                slack = lower_slack()
                why = self._parker.sleep(until - max(awake, ask))
                restore_slack(slack)
                if ask == 0 and why == ETIMEDOUT:
                    self._spin_until(until)
                asked = now_ns()
            got = now_ns()
            self._gil_waited_ns += got - asked
            if why == EINTR:
                PyErr_CheckSignals()
            if why != ETIMEDOUT or ask == 0:
                return 0
            if until - got <= hold:
                break
            ask = hold
        # From here on the GIL is held.
        if until - got > awake:
            slack = lower_slack()
            why = self._parker.sleep(until - awake)
            restore_slack(slack)
        if why == ETIMEDOUT:
            self._spin_until(until)
        elif why == EINTR:
            PyErr_CheckSignals()
        return 0

    cdef void _spin_until(self, int64_t until) noexcept nogil:
        while now_ns() < until and not self._parker.notified():
            atomics.pause()

    cdef Tick _hand_out(self, Release *release, int64_t now):
        cdef Tick tick = self._spare
        # One reference is ours, one this variable's. Elsewhere the count does not tell.
        if guard.FREE_THREADED or Py_REFCNT(<PyObject *> tick) > 2:
            tick = Tick()
        self._spare = self._latest
        self._latest = tick
        tick.number = self._ticks - 1
        tick.release_ns = release.at
        tick.lateness_ns = release.lateness
        tick.missed = release.missed
        tick.gil_wait_ns = self._gil_waited_ns
        self._lateness.add(release.lateness)
        if self._ticks > 1:
            self._period_jitter.add(abs(release.lateness - self._offset_ns))
        if self._gil_waited_ns:
            self._gil_wait.add(self._gil_waited_ns)
            gil_note(&self._gil_waits, self._gil_waited_ns)
            self._gil_waited_ns = 0
        self._offset_ns = 0 if release.anchored else release.lateness
        self._started_ns = now
        return tick

    # ---- everybody's side ----

    def stop(self) -> None:
        """End the loop: whoever waits gets None at once, and so does every later wait. Idempotent."""
        guard.lock(&self._guard)
        self._state = STOPPED
        guard.unlock(&self._guard)
        self._tell()

    def pause(self) -> None:
        """Let no tick run until :meth:`resume`. What passes meanwhile is not missed. Idempotent."""
        guard.lock(&self._guard)
        if self._state == RUNNING:
            self._state = PAUSED
        guard.unlock(&self._guard)
        self._tell()

    def resume(self) -> None:
        """Go on after :meth:`pause`, with the next release of the same grid."""
        guard.lock(&self._guard)
        if self._state == PAUSED:
            self._state = RUNNING
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
    def spin(self) -> float:
        """Seconds before a release that are spent awake, unless that is more than a tenth of the interval."""
        return self._spin_ns / 1e9

    @property
    def gil(self) -> str:
        """When to ask for the GIL: "auto", "after" or "early"."""
        return GIL_MODES[self._gil]

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

    def histogram(self, name: str, *, reset: bool = False) -> Histogram:
        """Return a copy of one distribution, in nanoseconds.

        Args:
            name: "lateness", "period_jitter", "run_time" or "gil_wait".
            reset: Begin it anew in the same moment.

        Raises:
            ValueError: There is no such distribution.
        """
        place = _place_of(name, HISTOGRAMS, "name")
        histograms = (self._lateness, self._period_jitter, self._run_time, self._gil_wait)
        return (<Histogram> histograms[place]).snapshot(reset=reset)
