"""A thread beside a worker's: it calls back about late runs, and notices a run that does not end."""

import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from windlass._core.clock import monotonic_ns
from windlass._core.parker import Parker
from windlass._core.report import logger, report
from windlass.workers.worker_statistics import LateTick

if TYPE_CHECKING:
    from windlass.workers.shift import Shift

Callback = Callable[[LateTick], object]


class LateRuns:
    """Late runs of one kind: written by the worker's thread, told by the overseer's.

    Several runs that are late while one call lasts make one call: a slow callback neither delays the worker nor falls
    behind it.

    Args:
        callback: Whom to tell.
    """

    def __init__(self, callback: Callback | None) -> None:
        self.callback = callback
        self.count = 0
        self._told = 0
        self._latest: LateTick | None = None

    def note(self, run: LateTick) -> None:
        """Note a run. The run is stored before it is counted: whoever sees the count finds one as late."""
        self._latest = run
        self.count += 1

    def tell(self, subject: object) -> None:
        """Call back if there were any since the last time."""
        count = self.count
        if self.callback is None or count == self._told or self._latest is None:
            return
        run = replace(self._latest, count=count - self._told)
        self._told = count
        try:
            self.callback(run)
        except BaseException as error:
            report("exception in a callback of", subject, error)


class Overseer:
    """Watches one shift. It sleeps unless there is something to tell or a run to wait for.

    Args:
        shift: The shift.
        watchdog_ns: Longest run that is not reported; None for any.
        on_stuck: Told of a longer one, in place of the log.
    """

    def __init__(self, shift: "Shift", watchdog_ns: int | None, on_stuck: Callback | None) -> None:
        self._shift = shift
        self._watchdog_ns = watchdog_ns
        self._on_stuck = on_stuck
        self._parker = Parker()
        self._reported = 0  # the start of the run last found stuck
        self.stuck = 0
        # Whether the next run has to wake it. Only if there is a watchdog; set by the overseer, cleared by both.
        self.awaits_run = False
        self._thread = threading.Thread(target=self._watch, name=f"{shift.options.name}-overseer", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Look at the shift: something has become late, a run has begun, or the shift is over."""
        self.awaits_run = False
        self._parker.unpark()

    def _watch(self) -> None:
        shift = self._shift
        while True:
            over = shift.over  # before the last look
            shift.missed_deadlines.tell(shift.owner)
            shift.overruns.tell(shift.owner)
            if over:
                return
            self._parker.park(self._until_next_look())

    def _until_next_look(self) -> float | None:
        if self._watchdog_ns is None:
            return None
        started = self._shift.started_ns
        if started and started != self._reported:
            left = started + self._watchdog_ns - monotonic_ns()
            if left > 0:
                return left / 1e9
            self._reported = started
            self._found_stuck(started)
        # A run stores its start and then looks at this; here it is the other way round: one of the two sees the other.
        self.awaits_run = True
        return 0 if self._shift.started_ns not in (0, self._reported) else None

    def _found_stuck(self, started: int) -> None:
        shift = self._shift
        self.stuck += 1
        assert self._watchdog_ns is not None
        seconds = (monotonic_ns() - started) / 1e9
        if self._on_stuck is None:
            frame = sys._current_frames().get(shift.running_ident or 0)
            stack = "".join(traceback.format_stack(frame)) if frame is not None else "  (its stack is gone)\n"
            logger.error("%r has been in one run for %.3f s:\n%s", shift.owner, seconds, stack)
            return
        try:
            late = LateTick(shift.options.name, shift.runs, 0.0, seconds, self._watchdog_ns / 1e9)
            self._on_stuck(late)
        except BaseException as error:
            report("exception in on_stuck of", shift.owner, error)
