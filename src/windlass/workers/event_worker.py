"""A worker that runs its function when it is triggered."""

import threading
from collections.abc import Callable
from typing import Any

from windlass._core.clock import monotonic_ns
from windlass.workers.base import BaseWorker
from windlass.workers.options import EventOptions
from windlass.workers.shift import Shift


class BackgroundEventWorker(BaseWorker):
    """Runs its function each time it is triggered.

    Triggers that come while the function runs make exactly one more run, however many they are. One that comes while
    the worker is not active makes a run when it is started.

    Args:
        name: See :class:`BaseWorker`, as for all that is not listed here.
        func: What to run.
        event: A ``threading.Event`` that triggers it when set; the worker clears it before each run.
        e: Accepted from the parameters of the decorator.
        **parameters: See :class:`BaseWorker`.
    """

    _options_type = EventOptions
    _options: EventOptions

    def __init__(self, name: str | None = None, func: Callable[..., Any] | None = None, **parameters: Any) -> None:
        super().__init__(name, func, **parameters)
        # When it was triggered since the last run began; 0 if it was not. Set before the wake, and cleared before the
        # run: a trigger is either seen by the look before the sleep, or ends the sleep.
        self._triggered_ns = 0

    @property
    def event(self) -> Any:
        """The event given to it, or None."""
        return self._options.event

    def trigger(self) -> None:
        """Make it run once more.

        Thread safety:
            Atomic: any thread, signal handler or finalizer may call it, unless an ``event`` of one's own is used.
        """
        if self._options.event is not None:
            self._options.event.set()
            return
        self._triggered_ns = monotonic_ns()
        shift = self._shift
        if shift is not None:
            shift.wake()

    def _equip(self, shift: Shift) -> None:
        options = shift.options
        assert isinstance(options, EventOptions)
        if options.event is not None:
            bell = Bell(options.event, shift)
            shift.waker, shift.at_end = bell.ring, bell.hush

    def _drive(self, shift: Shift) -> None:
        options = shift.options
        assert isinstance(options, EventOptions)
        if options.event is not None:
            self._wait_for_event(shift, options.event)
            return
        while not shift.stopping:
            triggered_ns = self._triggered_ns
            if not triggered_ns or shift.paused:
                shift.rest()
                continue
            self._triggered_ns = 0
            self._run(shift, triggered_ns)

    def _wait_for_event(self, shift: Shift, event: threading.Event) -> None:
        while not shift.stopping:
            if not event.wait(shift.left()):
                shift.order_stop()  # the time is over
            elif shift.sleep_until(lambda: 0):  # at once, unless paused
                event.clear()
                self._run(shift, monotonic_ns())

    def _run(self, shift: Shift, triggered_ns: int) -> None:
        started_ns = monotonic_ns()
        shift.lateness.record(max(0, started_ns - triggered_ns))
        shift.execute(triggered_ns, started_ns)


class Bell:
    """Wakes a shift that waits for somebody else's event, and undoes it: it is no trigger for the next start.

    Args:
        event: The event.
        shift: The shift.
    """

    def __init__(self, event: threading.Event, shift: Shift) -> None:
        self._event = event
        self._shift = shift
        self._lock = threading.RLock()  # guards the two below; a signal handler may stop the worker
        self._rung = False
        self._set_here = False

    def ring(self) -> None:
        """Set the event, once, if the shift is to stop."""
        # Not before it is served: nobody would undo it. Whoever serves takes that lock and then looks whether to
        # stop; here it is the other way round: one of the two sees the other.
        if not (self._shift.stopping and self._shift.serving.locked()):
            return
        with self._lock:
            if not self._rung:
                self._rung, self._set_here = True, not self._event.is_set()
                self._event.set()

    def hush(self) -> None:
        """Clear the event if it was set only here. A trigger after the ring is not told apart, and is dropped."""
        with self._lock:
            self._rung = True
            if self._set_here:
                self._event.clear()
