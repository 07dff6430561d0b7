"""The life of a worker: start and stop, hooks, pause, exit and fork."""

import threading
from typing import Any

from windlass._core.clock import timeout_to_seconds
from windlass.workers import registry
from windlass.workers.options import Options, overridden
from windlass.workers.shift import Shift


class Lifecycle:
    """Starts and stops shifts, at most one at a time, however many threads start and stop it.

    Hooks for subclasses: ``before_start`` and ``after_start`` are called by :meth:`start`, ``before_stop`` and
    ``after_stop`` around the order to stop, once for each start, by the thread that stops it. What a hook raises goes
    to the caller; only one in ``before_start`` keeps the worker from starting, and none keeps it from stopping.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._shift: Shift | None = None
        # Guards the two above. A signal handler that interrupts its holder may start or stop, hence the R.
        self._lock = threading.RLock()

    def _new_shift(self, options: Options, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Shift:
        raise NotImplementedError

    # ---- hooks ----

    def before_start(self) -> Any:
        """Do something before the thread is started."""

    def after_start(self) -> Any:
        """Do something after the thread was started."""

    def before_stop(self) -> Any:
        """Do something before the order to stop."""

    def after_stop(self) -> Any:
        """Do something after the order to stop, when the last run may still last."""

    # ---- orders ----

    def start(self, *args: Any, **kwargs: Any) -> bool:
        """Start the thread. A worker that is active already stays as it is; one that is stopping ends first.

        Args:
            *args: For the function.
            **kwargs: For the function, except that the name of a parameter after an underscore (``_interval=0.5``)
                replaces that parameter, from now on.

        Returns:
            Whether this call has started it.

        Raises:
            TypeError, ValueError: A parameter is not of its kind, or the function does not take these arguments.
            RuntimeError: No thread can be started, the interpreter exits, or this is a run after the order to stop.
        """
        shift = None
        try:
            while True:
                seen = self._options
                options, rest = overridden(type(self).__name__, seen, kwargs)
                shift = self._new_shift(options, args, rest)
                placed = self._take_place(shift, options, seen)
                if placed is False:
                    return False
                if placed:
                    break
            registry.register(self)
            self.before_start()
            if shift.stopping:  # by before_start, or by another thread meanwhile
                self._give_up(shift)
                return False
            shift.thread.start()  # type: ignore[union-attr]
        except BaseException:
            if shift is not None:
                self._give_up(shift)
            raise
        if shift.ready is not None:
            shift.ready.wait()
        self.after_start()
        return True

    def stop(self, wait: bool = True, timeout: float | None = None) -> bool:
        """End after the run that lasts, if any; a sleep ends at once.

        From inside the function, or from what it calls, it does not wait: the worker ends after this run.

        Args:
            wait: Wait for the end.
            timeout: Longest wait in seconds; None for no limit.

        Returns:
            Whether it has ended.

        Raises:
            TypeError, ValueError: ``timeout`` is not a number of seconds.
        """
        timeout = timeout_to_seconds(timeout)
        shift = self._shift
        if shift is None or shift.over:
            return True
        first = False
        try:
            first = shift.hooks.acquire(blocking=False)
            if first:
                self.before_stop()
        finally:
            shift.order_stop()
            try:
                if first:
                    self.after_stop()
            finally:
                if wait and not shift.is_inside():
                    shift.wait(timeout)
        return shift.over

    def terminate(self) -> None:
        """Stop without hooks and without waiting; made for the function itself."""
        shift = self._shift
        if shift is not None:
            shift.order_stop()

    def join(self, timeout: float | None = None) -> bool:
        """Wait until nothing of it runs; return whether that is so. From inside the function it does not wait."""
        timeout = timeout_to_seconds(timeout)
        shift = self._shift
        if shift is None or shift.over or shift.is_inside():
            return shift is None or shift.over
        return shift.wait(timeout)

    def is_active(self) -> bool:
        """Return whether it was started and has neither ended nor been told to stop."""
        shift = self._shift
        return shift is not None and not shift.stopping

    def pause(self) -> None:
        """Let no new run begin until :meth:`resume`. A worker that is not active takes no notice."""
        self._order_pause(True)

    def resume(self) -> None:
        """Go on after :meth:`pause`."""
        self._order_pause(False)

    @property
    def paused(self) -> bool:
        """Whether it is paused."""
        shift = self._shift
        return shift is not None and shift.paused and not shift.stopping

    @property
    def daemon(self) -> bool:
        """Whether the interpreter may exit while a run lasts."""
        return self._options.daemon

    # ---- what the registry calls ----

    def leave_at_exit(self) -> None:
        """Stop, as the interpreter is exiting."""
        self.stop(wait=False)

    def reset_after_fork(self) -> None:
        """In a forked child: nothing of it runs here."""
        self._lock = threading.RLock()
        if self._shift is not None:
            self._shift.reset_after_fork()

    # ---- inside ----

    def _take_place(self, shift: Shift, options: Options, seen: Options) -> bool | None:
        """Make ``shift`` the one. False: another one is active. None: the parameters have changed since ``seen``."""
        while True:
            with self._lock:
                if self._options is not seen:
                    return None
                current = self._shift
                if current is None or current.over:
                    self._shift, self._options = shift, options
                    return True
                if not current.stopping:
                    return False
            if current.is_inside():
                raise RuntimeError(f"{self!r} cannot be started by a run that is its last")
            current.wait()

    def _give_up(self, shift: Shift) -> None:
        shift.order_stop()
        if shift.serving.acquire(blocking=False):  # else the thread runs: it was only the caller that was interrupted
            shift.finish()

    def _order_pause(self, paused: bool) -> None:
        shift = self._shift
        if shift is None:
            return
        shift.paused = paused
        if shift.ticker is not None:
            (shift.ticker.pause if paused else shift.ticker.resume)()
        shift.wake()
