"""A worker that runs its function in a loop: back to back, with pauses, or on a grid of time."""

from typing import Any

from windlass._core.clock import monotonic_ns
from windlass.workers.arguments import TICK
from windlass.workers.base import BaseWorker
from windlass.workers.options import LoopOptions, overridden, span_ns
from windlass.workers.shift import Shift


class BackgroundWorker(BaseWorker):
    """Runs its function in a loop, on a thread of its own.

    ::

        worker = BackgroundWorker("control", control, interval=0.01, realtime=True)
        worker.start()
        ...
        worker.stop()
        print(worker.statistics().lateness.p99)

    With ``interval`` runs begin on an absolute grid, as :class:`windlass.Ticker` tells; lateness does not add up. A
    function with a parameter ``tick`` is given the :class:`windlass.Tick`. Without an interval or a delay one run
    follows the other.

    Args:
        name: See :class:`BaseWorker`, as for all that is not listed here.
        func: What to run.
        delay_before: Seconds to sleep before each run, with an interval too.
        delay: Seconds to sleep after each run. Its other name is ``delay_after``.
        interval: Seconds between the releases of two runs. It excludes ``delay``.
        missed: What to do with late ticks: "skip", "drop", "burst" or "delay", see :class:`windlass.Ticker`.
        max_burst: For "burst": most late ticks in a row; None for no limit.
        spin: Seconds awake before each release: by default 100e-6 with ``realtime``, else 0.
        gil: When to ask for the GIL, "auto", "after" or "early": by default "auto" with ``realtime``, else "after".
        phase: Seconds to move the grid by.
        align: Let the grid contain a multiple of so many seconds of wall-clock time.
        first: Whether the first run is at the start of the grid, "now", or an interval later, "next".
        **parameters: See :class:`BaseWorker`.
    """

    _options_type = LoopOptions
    _options: LoopOptions

    @property
    def interval(self) -> float | None:
        """Seconds between releases; None without an interval.

        It can be set at any time. A loop that runs sees it at once, even one that sleeps for an hour: the next
        release is counted from the one before.

        Raises:
            RuntimeError: The worker is active, and would get or lose its interval.
            TypeError, ValueError: It is not a positive finite number.
        """
        return self._options.interval

    @interval.setter
    def interval(self, seconds: float | None) -> None:
        self._change(interval=seconds)

    @property
    def delay(self) -> float | None:
        """Seconds to sleep after each run. Can be set at any time; a sleep that lasts is made longer or shorter."""
        return self._options.delay

    @delay.setter
    def delay(self, seconds: float | None) -> None:
        self._change(delay=seconds)

    @property
    def delay_before(self) -> float | None:
        """Seconds to sleep before each run. Can be set at any time, as :attr:`delay`."""
        return self._options.delay_before

    @delay_before.setter
    def delay_before(self, seconds: float | None) -> None:
        self._change(delay_before=seconds)

    def _change(self, **change: Any) -> None:
        with self._lock:
            kwargs = {f"_{name}": value for name, value in change.items()}
            options, _ = overridden(type(self).__name__, self._options, kwargs)
            assert isinstance(options, LoopOptions)
            shift = self._shift
            if shift is not None and not shift.over:
                if (shift.ticker is None) != (options.interval is None):
                    raise RuntimeError("a worker that is active neither gets nor loses its interval: stop it first")
                if shift.ticker is not None and options.interval is not None:
                    shift.ticker.interval = options.interval
                    shift.note_interval(options.interval)
            self._options = options
        if shift is not None:
            shift.wake()

    def _equip(self, shift: Shift) -> None:
        options = shift.options
        assert isinstance(options, LoopOptions)
        if options.interval is not None:
            shift.ticker = options.ticker(options.interval)
            shift.note_interval(options.interval)

    def _drive(self, shift: Shift) -> None:
        if shift.ticker is None:
            self._run_with_pauses(shift)
            return
        ticker, kwargs = shift.ticker, shift.kwargs
        while (tick := ticker.wait() if shift.end_ns is None else ticker.wait(shift.left())) is not None:
            if shift.takes_tick:
                kwargs[TICK] = tick
            release_ns, started_ns = tick.release_ns, tick.started_ns
            if self._options.delay_before:
                if not self._pause("delay_before", started_ns, shift):
                    return
                started_ns = monotonic_ns()
            shift.execute(release_ns, started_ns)
            if shift.stopping:
                return
        if not shift.stopping:  # the time is over
            shift.order_stop()

    def _run_with_pauses(self, shift: Shift) -> None:
        if shift.takes_tick:
            shift.kwargs[TICK] = None
        since_ns = monotonic_ns()
        while self._pause("delay_before", since_ns, shift):
            started_ns = monotonic_ns()
            release_ns = min(started_ns, since_ns + self._span("delay_before"))
            shift.lateness.record(started_ns - release_ns)
            shift.execute(release_ns, started_ns)
            since_ns = monotonic_ns()
            if not self._pause("delay", since_ns, shift):
                return
            since_ns += self._span("delay")

    def _pause(self, name: str, since_ns: int, shift: Shift) -> bool:
        """Sleep for the time in a parameter, which may change meanwhile; return whether to go on."""
        if getattr(self._options, name) is None and not shift.paused:
            return not shift.stopping
        return shift.sleep_until(lambda: since_ns + self._span(name))

    def _span(self, name: str) -> int:
        return span_ns(name, getattr(self._options, name), zero_ok=True) or 0
