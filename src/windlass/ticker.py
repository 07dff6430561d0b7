"""A ticker: one thread, or one coroutine, waits for release after release on an absolute time grid."""

import asyncio
from types import TracebackType
from typing import Self

from windlass._core.tick import Tick
from windlass._core.ticker import CoreTicker
from windlass.ticker_alarm import Alarm
from windlass.ticker_statistics import TickerStatistics, distribution

__all__ = ["Tick", "Ticker"]


class Ticker(CoreTicker):
    """Releases on an absolute grid of the monotonic clock: ``for tick in Ticker(0.001): ...``.

    Release ``k`` is at ``start + k * interval``: lateness does not add up, and a tick never starts early. A loop on
    its own thread calls :meth:`wait`, or iterates, which is the same::

        ticker = Ticker(0.001)
        while (tick := ticker.wait()) is not None:  # None: stopped
            control(tick)

    The grid starts at the first wait. While it sleeps the GIL is free, the timer slack of the thread is at its
    minimum (restored before ``wait`` returns), and :meth:`stop`, :meth:`pause`, a new :attr:`interval` and Ctrl-C in
    the main thread wake it at once. From its first sleep on the thread has a short time slice, so that it need not
    wait for busy programs; it gets its own back when it hears of the stop or frees the ticker.

    A tick is **late** if its release had passed when the loop came to wait for it, or if the thread overslept by a
    whole interval. What then happens is chosen by ``missed``:

    - ``"skip"``: the late tick runs at once, the releases that have passed besides are missed. The grid stays.
    - ``"drop"``: the late tick does not run either. The next one is the next release to come. The grid stays.
    - ``"burst"``: the late tick runs at once and so do those after it, until the loop has caught up or ``max_burst``
      late ones have run in a row; what has passed then is missed. The grid stays.
    - ``"delay"``: the late tick runs at once, and the grid begins anew at its start. Nothing is ever missed.

    Args:
        interval: Seconds between releases: finite, at least 1e-9; more than 146 years count as 146 years.
        missed: What to do with late ticks, see above.
        max_burst: For ``"burst"``: most late ticks in a row; None for no limit.
        spin: Seconds before a release that are spent awake, since waking up takes a kernel 10 to 60 us; always less
            than a tenth of the interval. 0 sleeps to the end. A coroutine never spins.
        gil: When to ask for the GIL: ``"after"`` the release, which costs up to the switch interval (5 ms) beside a
            busy Python thread; ``"early"``, so much before as recent ticks had to wait; ``"auto"`` asks early while
            recent ticks had to wait, and holds the GIL idle for no more than a tenth of the interval if it came at
            once, half if not.
        phase: Seconds to move the whole grid by, 0 or more.
        align: Let the grid contain a multiple of so many seconds of wall-clock time (1 for whole seconds), as the
            wall clock is at the start. None starts it at once.
        start: Whether the first tick is at the start of the grid, ``"now"``, or one interval later, ``"next"``.

    Attributes (any thread may read them):
        interval: Can be set at any time by any thread, and a loop that sleeps for an hour hears of it at once. The
            new grid begins at the last release; the next one is its first point to come.
        ticks: Ticks that ran. ``total_missed``: releases that did not. ``overruns``: runs longer than the interval.
        next_release_ns: The release waited for, on the clock of ``time.monotonic_ns()``; None before the first wait,
            while paused and once stopped.

    Raises:
        TypeError: A number is not a number.
        ValueError: A number is NaN, infinite or out of range, or a word is not one of those named.

    Thread safety:
        Safe on shared objects, with one exception: one thread at a time may wait, a second one gets RuntimeError.
        They may take turns. ``stop``, ``pause``, ``resume``, ``interval`` and all readers may be called from any
        thread, from the loop's body, from a signal handler or a finalizer, and never block.

    Complexity:
        A tick costs well below a microsecond besides sleeping, and allocates nothing unless ticks are kept.
    """

    # Of the coroutine that iterates:
    _alarm: Alarm | None = None
    _was_due = False  # the last tick was due when it was asked for

    def statistics(self, *, reset: bool = False) -> TickerStatistics:
        """Return the counts so far and the distributions of all times.

        Args:
            reset: Begin the distributions anew; the counts go on.

        Thread safety:
            Safe on shared objects. Each distribution is of one moment; the loop may tick between two of them.
        """
        return TickerStatistics(
            ticks=self.ticks,
            missed=self.total_missed,
            overruns=self.overruns,
            lateness=distribution(self.histogram("lateness", reset=reset)),
            period_jitter=distribution(self.histogram("period_jitter", reset=reset)),
            run_time=distribution(self.histogram("run_time", reset=reset)),
            gil_wait=distribution(self.histogram("gil_wait", reset=reset)),
        )

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Tick:
        loop = asyncio.get_running_loop()
        if self._alarm is None or self._alarm.loop is not loop:
            self._alarm = Alarm(loop)
            self._listener = self._alarm.ring  # before the look: no change after it is slept through
        if self._was_due:
            await asyncio.sleep(0)  # a loop that is always late lets the others run between its ticks
        self._was_due = True
        while (tick := self.wait(0)) is None:
            if self.stopped:
                raise StopAsyncIteration
            self._was_due = False
            await self._alarm.until(self.next_release_ns)
        return tick

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()
