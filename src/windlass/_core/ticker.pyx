# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""A ticker: a thread waits for release after release on an absolute time grid.

Guarantees: no tick starts before its release; no change (stop, pause, another interval) is slept through; a tick
allocates nothing while the loop keeps none. README.md, "Ticker", has the steps of a wait and the races they close.
"""
from cpython.object cimport PyObject
from libc.errno cimport EINTR, ETIMEDOUT
from libc.stdint cimport int64_t

from windlass._core cimport atomics, guard
from windlass._core.clock cimport NEVER_NS, NS_PER_US, deadline_ns, now_ns, span_ns
from windlass._core.forks cimport forks
from windlass._core.gil_lead cimport gil_note
from windlass._core.histogram cimport Histogram
from windlass._core.idle_hold cimport may_hold, note_hold, process_holds
from windlass._core.schedule cimport DUE, OVER, Due, Schedule
from windlass._core.tick cimport Tick
from windlass._core.time_slice cimport give_slice_back, shorten_slice
from windlass._core.timer_slack cimport lower_slack, restore_slack

from windlass._core.schedule import place_of


cdef extern from "Python.h":
    int PyErr_CheckSignals() except -1
    Py_ssize_t Py_REFCNT(PyObject *) noexcept

cdef enum:
    AUTO = 0
    AFTER = 1
    EARLY = 2

cdef enum:
    SPIN_SHARE = 11     # the spin tail is at most this part of the period; with the rest of a wait that makes a tenth
    # The GIL may come long before the release. It is then held idle for at most this part of the period, at most so
    # long; if there is more time left, the others get it once more. Who had to wait for it would have to wait again,
    # and be late: then, as with EARLY, the larger limits hold.
    AUTO_SHARE = 10
    AUTO_HOLD_NS = 2_000 * NS_PER_US
    EARLY_SHARE = 2
    EARLY_HOLD_NS = 10_000 * NS_PER_US
    NO_WAIT_NS = 20 * NS_PER_US

GIL_MODES = ("auto", "after", "early")      # their numbers are the places
HISTOGRAMS = ("lateness", "period_jitter", "run_time", "gil_wait")


cdef class CoreTicker(Schedule):
    """The compiled half of :class:`windlass.Ticker`, which tells everything."""

    def __cinit__(self) -> None:
        self._lateness = Histogram()
        self._period_jitter = Histogram()
        self._run_time = Histogram()
        self._gil_wait = Histogram()
        self._latest = Tick()
        self._spare = Tick()
        self._forks = forks()

    def __dealloc__(self) -> None:
        give_slice_back(&self._slice)

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
        self._set_up(interval, missed, max_burst, phase, align, start)
        self._spin_ns = span_ns(spin, "spin")
        self._gil = place_of(gil, GIL_MODES, "gil")

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
        if self._forks != forks():      # the parent's waiting thread does not exist here
            self._forks = forks()
            guard.state_store(&self._waiting, 0)
            self._parker.reset_after_fork()
        if not guard.state_cas(&self._waiting, 0, 1):
            raise RuntimeError("another thread waits for this ticker")
        try:
            return self._await_release(limit)
        finally:
            guard.state_store(&self._waiting, 0)

    cdef Tick _await_release(self, int64_t limit):
        cdef Due due
        cdef int found
        cdef int64_t now = now_ns()
        cdef int64_t started = self._started_ns
        if started:
            self._run_time.add(now - started)
            self._started_ns = 0
        self.arrive(now, started)
        while True:
            # Consumed before the look: a change after it leaves a wake, and the next rest ends at once.
            self._parker.consume()
            now = now_ns()
            found = self.look(now, &due)
            if found == DUE:
                return self._hand_out(&due, now)
            if found == OVER:
                give_slice_back(&self._slice)
                return None
            if limit <= now:
                return None
            if due.release > now:       # else the policy has given it up
                self._rest(due.release, limit, due.period)

    cdef int _rest(self, int64_t release, int64_t limit, int64_t period) except -1:
        # Sleep, get the GIL, and be awake at the release. May return early: the caller looks at everything anew.
        cdef int64_t until = min(release, limit)
        cdef int64_t awake = 0      # how long before `until` to wake up
        cdef int64_t ask = 0        # how long before `until` to ask for the GIL; 0: when it has come
        cdef int64_t hold = 0       # how long to hold the GIL idle, at most, if it came at once
        cdef int64_t contended = 0  # ... and if not
        cdef int64_t slack, asked, got, held_before, waited
        cdef int why
        if until == release:
            awake = min(self._spin_ns, period // SPIN_SHARE)
            if self._gil == AUTO:
                ask = self._gil_waits.lead
                hold = max(awake, min(period // AUTO_SHARE, AUTO_HOLD_NS))
                contended = max(awake, min(period // EARLY_SHARE, EARLY_HOLD_NS))
            elif self._gil == EARLY:
                ask = max(awake, self._gil_waits.lead)
                hold = contended = max(awake, min(period // EARLY_SHARE, EARLY_HOLD_NS))
            if guard.FREE_THREADED:
                ask = 0     # nobody may sleep or spin attached: it would hold up the collector
        self._gil_waited_ns = 0
        self._gil_longest_ns = 0
        shorten_slice(&self._slice)
        PyErr_CheckSignals()    # a signal from now on interrupts the sleep
        while True:
            with nogil:
                slack = lower_slack()
                why = self._parker.sleep(until - max(awake, ask))
                restore_slack(slack)
                if ask == 0 and why == ETIMEDOUT:
                    self._spin_until(until)
                held_before = process_holds.total
                asked = now_ns()
            got = now_ns()
            self._gil_waited_ns += got - asked
            # Not what other tickers held it for, or all would teach each other to hold it.
            waited = max(0, got - asked - (process_holds.total - held_before))
            self._gil_longest_ns = max(self._gil_longest_ns, waited)
            if why == EINTR:
                PyErr_CheckSignals()
            if why != ETIMEDOUT or ask == 0:
                return 0
            if until - got > (hold if waited < NO_WAIT_NS else contended):
                ask = hold
            elif may_hold(&process_holds, until - got, got):
                break
            else:
                ask = 0
        # From here on the GIL is held.
        if until - got > awake:
            slack = lower_slack()
            why = self._parker.sleep(until - awake)
            restore_slack(slack)
        if why == ETIMEDOUT:
            self._spin_until(until)
        note_hold(&process_holds, got, now_ns())
        if why == EINTR:
            PyErr_CheckSignals()
        return 0

    cdef void _spin_until(self, int64_t until) noexcept nogil:
        while now_ns() < until and not self._parker.notified():
            atomics.pause()

    cdef Tick _hand_out(self, Due *due, int64_t now):
        cdef Tick tick = self._spare
        # One reference is ours, one this variable's. Elsewhere the count does not tell.
        if guard.FREE_THREADED or Py_REFCNT(<PyObject *> tick) > 2:
            tick = Tick()
        self._spare = self._latest
        self._latest = tick
        tick.number = due.number
        tick.release_ns = due.tick.at
        tick.lateness_ns = due.tick.lateness
        tick.missed = due.tick.missed
        tick.gil_wait_ns = self._gil_waited_ns
        self._lateness.add(due.tick.lateness)
        if due.number:
            self._period_jitter.add(abs(due.tick.lateness - self._offset_ns))
        if self._gil_waited_ns:
            self._gil_wait.add(self._gil_waited_ns)
            # Not the sum: a lead that grew with it would get the GIL too early, give it back and wait for it again.
            gil_note(&self._gil_waits, self._gil_longest_ns)
            self._gil_waited_ns = 0
        self._offset_ns = 0 if due.tick.anchored else due.tick.lateness
        self._started_ns = now
        return tick

    def stop(self) -> None:
        """End the loop: whoever waits gets None at once, and so does every later wait. Idempotent."""
        Schedule.stop(self)
        give_slice_back(&self._slice)   # a no-op but in the loop's own thread

    @property
    def spin(self) -> float:
        """Seconds before a release that are spent awake; always less than a tenth of the interval."""
        return self._spin_ns / 1e9

    @property
    def gil(self) -> str:
        """When to ask for the GIL: "auto", "after" or "early"."""
        return GIL_MODES[self._gil]

    def histogram(self, name: str, *, reset: bool = False) -> Histogram:
        """Return a copy of one distribution, in nanoseconds.

        Args:
            name: "lateness", "period_jitter", "run_time" or "gil_wait".
            reset: Begin it anew in the same moment.

        Raises:
            ValueError: There is no such distribution.
        """
        place = place_of(name, HISTOGRAMS, "name")
        histograms = (self._lateness, self._period_jitter, self._run_time, self._gil_wait)
        return (<Histogram> histograms[place]).snapshot(reset=reset)
