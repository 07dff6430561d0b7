"""Telling monitors, so that none of them can do harm."""

import threading
from collections.abc import Iterable
from typing import Any

from windlass._core.report import report
from windlass.monitors.task_monitor import TaskMonitor


class Watch:
    """All monitors of one master or pool.

    Args:
        monitors: Told in this order.

    Thread safety:
        Safe on shared objects: one thread at a time tells.
    """

    def __init__(self, monitors: Iterable[TaskMonitor]) -> None:
        self.monitors = tuple(monitors)
        self._lock = threading.RLock()  # a monitor may add a task, of which it is told in the middle of what it does
        self._teller = 0  # the thread that has the lock

    @property
    def is_telling(self) -> bool:
        """Whether the caller is a monitor that is being told."""
        return self._teller == threading.get_ident()

    def tell(self, what: str, /, *args: Any, **kwargs: Any) -> None:
        """Call the method ``what`` of each monitor."""
        with self._lock:
            outer, self._teller = self._teller, threading.get_ident()
            try:
                for monitor in self.monitors:
                    self._tell_one(monitor, what, args, kwargs)
            finally:
                self._teller = outer

    @staticmethod
    def _tell_one(monitor: TaskMonitor, what: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        try:
            getattr(monitor, what)(*args, **kwargs)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt) and _is_main():
                raise  # it is the user's, and reaches the one who added a task or waits for results
            report(f"exception in {what} of", monitor, error)


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


def as_monitors(monitor: object) -> tuple[TaskMonitor, ...]:
    """Return what was given as ``monitor``, one or several or None, checked."""
    several = () if monitor is None else monitor if isinstance(monitor, tuple | list) else (monitor,)
    for one in several:
        if not isinstance(one, TaskMonitor):
            raise TypeError(f"monitor must be a TaskMonitor, several in a list, or None, not {type(one).__name__}")
    return tuple(several)
