"""The standard library's view of a task: a future.

The state and the outcome of a task live in the compiled :class:`CoreTask`; this makes it a
:class:`concurrent.futures.Future` for whatever asks by type. The standard library's own functions read ``_state``, lock
``_condition`` and leave their waiters in ``_waiters``: those names are properties here, and the condition and the list
are made when somebody first touches them, which for most tasks is never.
"""

import threading
from concurrent.futures import Future, InvalidStateError
from typing import Any, Generic, TypeVar

from windlass._core.task import CoreTask

T = TypeVar("T")

# The standard library's names of our states. A cancelled task has told its waiters at once.
_STANDARD_STATES = {
    "PENDING": "PENDING",
    "RUNNING": "RUNNING",
    "CANCELLED": "CANCELLED_AND_NOTIFIED",
    "FINISHED": "FINISHED",
}


class StandardFuture(CoreTask, Future[T], Generic[T]):
    """A compiled task that the standard library takes for one of its own futures."""

    @property
    def _state(self) -> str:  # type: ignore[override]
        # The standard library looks at the state and adds its waiter in one section under the condition. So there the
        # end shows when the waiters are told, which is under the condition too: none is told of what it has seen.
        state = self.state
        if self._untold:
            return "PENDING" if state == "CANCELLED" else "RUNNING"
        return _STANDARD_STATES[state]

    @property
    def _condition(self) -> threading.Condition:  # type: ignore[override]
        # No lock: this may run in a finalizer or a signal handler that interrupts itself. setdefault is atomic.
        made: tuple[threading.Condition, list[Any]] | None = self.__dict__.get("standard")
        if made is None:
            made = self.__dict__.setdefault("standard", (threading.Condition(), []))
        # From here on the end of the task looks for waiters, under the condition. Either it comes after this
        # line, or whoever asked for the condition will find the task ended: no waiter is left waiting.
        self._touch_standard()
        return made[0]

    @property
    def _waiters(self) -> list[Any]:  # type: ignore[override]
        _ = self._condition
        waiters: list[Any] = self.__dict__["standard"][1]
        return waiters

    def _notify_standard(self) -> None:
        with self._condition:
            self._note_told()
            for waiter in self._waiters:
                if self.cancelled():
                    waiter.add_cancelled(self)
                elif self.exception() is not None:
                    waiter.add_exception(self)
                else:
                    waiter.add_result(self)
            self._condition.notify_all()

    @property
    def _result(self) -> Any:  # type: ignore[override]
        return self.result() if self.done() and not self.cancelled() and self.exception() is None else None

    @property
    def _exception(self) -> BaseException | None:  # type: ignore[override]
        return self.exception_or_none()

    def exception_or_none(self) -> BaseException | None:
        """Return what the call raised so far: None before the end, after a cancel and after a success."""
        return self.exception() if self.done() and not self.cancelled() else None

    def set_result(self, result: T) -> None:
        """Finish a task that no pool runs, with a value.

        Raises:
            InvalidStateError: It has ended.
        """
        if not self._settle(result, False):
            raise InvalidStateError(f"{self._state}: {self!r}")

    def set_exception(self, exception: BaseException | None) -> None:
        """Finish a task that no pool runs, with an exception.

        Raises:
            InvalidStateError: It has ended.
            TypeError: ``exception`` is not an exception.
        """
        if not isinstance(exception, BaseException):
            raise TypeError(f"exception must be an exception, not {type(exception).__name__}")
        if not self._settle(exception, True):
            raise InvalidStateError(f"{self._state}: {self!r}")
