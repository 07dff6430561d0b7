"""Future, wait and as_completed, as ``concurrent.futures._base`` has them."""

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures as standard
from concurrent.futures import _base as standard_base
from typing import TYPE_CHECKING, Any, TypeVar

from windlass._core.clock import timeout_to_seconds
from windlass._core.future import CoreFuture
from windlass._core.watcher import CompletionStream
from windlass.future import StandardFuture
from windlass.waiting import Ends, done_and_not_done, each_as_it_ends

ALL_COMPLETED = standard.ALL_COMPLETED
FIRST_COMPLETED = standard.FIRST_COMPLETED
FIRST_EXCEPTION = standard.FIRST_EXCEPTION
PENDING = standard_base.PENDING
RUNNING = standard_base.RUNNING
CANCELLED = standard_base.CANCELLED
CANCELLED_AND_NOTIFIED = standard_base.CANCELLED_AND_NOTIFIED
FINISHED = standard_base.FINISHED
LOGGER = logging.getLogger("concurrent.futures")  # where users of the standard module look

BrokenExecutor = standard.BrokenExecutor
CancelledError = standard.CancelledError
DoneAndNotDoneFutures = standard_base.DoneAndNotDoneFutures
Error = standard_base.Error
Executor = standard.Executor
InvalidStateError = standard.InvalidStateError
TimeoutError = standard.TimeoutError

# By name: `python -m windlass.dropin` puts ours into the standard module.
standard_as_completed = standard.as_completed
standard_wait = standard.wait

T = TypeVar("T")
AnyFuture = TypeVar("AnyFuture", bound=standard.Future[Any])


class Future(CoreFuture, StandardFuture[T]):
    """The outcome of a call that an executor makes: a :class:`concurrent.futures.Future` with a compiled core.

    It is made by the ``submit`` of an executor, or by hand for an executor of one's own.

    Thread safety:
        Safe on shared objects.
    """

    if TYPE_CHECKING:  # what the compiled half has and cannot type

        def result(self, timeout: float | None = None) -> T: ...
        def add_done_callback(self, fn: Callable[["Future[T]"], object]) -> None: ...

    def __init__(self) -> None:
        """Make a pending future that no executor knows."""
        # None of the standard state: see StandardFuture.

    def set_exception(self, exception: BaseException | type[BaseException] | None) -> None:
        """Finish the future with an exception.

        Raises:
            InvalidStateError: It has ended.
            TypeError: ``exception`` is not an exception.
        """
        if isinstance(exception, type) and issubclass(exception, BaseException):
            exception = exception()
        super().set_exception(exception)

    def set_running_or_notify_cancel(self) -> bool:
        """Claim the call for an executor of one's own: False if it was cancelled, whose waiters are told now.

        Raises:
            RuntimeError: It is running, has finished, or its cancel was noticed before.
        """
        try:
            return super().set_running_or_notify_cancel()
        except RuntimeError:
            LOGGER.critical("Future %s in unexpected state: %s", id(self), self._state)
            raise

    def __repr__(self) -> str:
        state = self._state
        what = "cancelled" if state == CANCELLED_AND_NOTIFIED else state.lower()
        if state == FINISHED:
            error = self._exception
            what += f" returned {type(self._result).__name__}" if error is None else f" raised {type(error).__name__}"
        return f"<{type(self).__name__} at {id(self):#x} state={what}>"

    def _report_callback(self, error: BaseException) -> None:
        try:
            LOGGER.error("exception calling callback for %r", self, exc_info=error)
        except BaseException:  # a handler that raises must not take a worker down
            pass

    def _notify_standard(self) -> None:
        # Called at the end, and once more when a cancel is noticed. Under the condition, the waiters are told once.
        with self._condition:
            if self.cancelled() and not self._is_noticed:
                self._note_told()
                self._condition.notify_all()
            elif "told" not in self.__dict__:
                self.__dict__["told"] = True
                super()._notify_standard()


class _NoticeWaiter:
    """What the standard library calls a waiter; it hears when an executor comes across a cancelled future."""

    def __init__(self, stream: CompletionStream) -> None:
        self._stream = stream

    def add_cancelled(self, future: "Future[Any]") -> None:
        self._stream.put(future)


class _NoticedEnds(Ends):
    """Ends as the standard library counts them: of a cancelled future, only when its executor has come across it."""

    helps_beyond_limit = False

    def __init__(self, futures: set[Any], all_of_them: bool, end: float | None) -> None:
        self._unnoticed: set[Future[Any]] = set()
        super().__init__(futures, all_of_them, end)
        self._waiter = _NoticeWaiter(self._stream)

    def _counted(self, ended: list[Any]) -> list[Any]:
        return [future for future in ended if self._counts(future)]

    def _counts(self, future: "Future[Any]") -> bool:
        if future._state == CANCELLED:
            with future._condition:
                if future._state == CANCELLED:  # or else it was noticed in between, and nobody would be told
                    future._waiters.append(self._waiter)
                    self._unnoticed.add(future)
                    return False
        if future in self._unnoticed:
            self._unnoticed.discard(future)
            self._leave(future)
        return True

    def _leave(self, future: "Future[Any]") -> None:
        with future._condition:
            future._waiters.remove(self._waiter)

    def close(self) -> None:
        super().close()
        for future in self._unnoticed:
            self._leave(future)


def as_completed(fs: Iterable[AnyFuture], timeout: float | None = None) -> Iterator[AnyFuture]:
    """Yield futures as they end, each once.

    Args:
        fs: Futures of any executors.
        timeout: Longest wait for all of them together, in seconds from the first ``next``; None for no limit.

    Raises:
        TimeoutError: They had not all ended in time.
        TypeError, ValueError: ``timeout`` is not a number of seconds.

    Thread safety:
        Safe on shared objects; the iterator itself belongs to one thread.
    """
    timeout = timeout_to_seconds(timeout, negative_ok=True)
    futures: set[Any] = set(fs)
    if not all(isinstance(future, Future) for future in futures):
        return standard_as_completed(futures, timeout)  # type: ignore[return-value]
    return each_as_it_ends(_NoticedEnds, futures, timeout, TimeoutError)


def wait(
    fs: Iterable[AnyFuture], timeout: float | None = None, return_when: str = ALL_COMPLETED
) -> "standard_base.DoneAndNotDoneFutures[AnyFuture]":
    """Wait for futures to end.

    Args:
        fs: Futures of any executors.
        timeout: Longest wait in seconds; None for no limit.
        return_when: ``ALL_COMPLETED``, ``FIRST_COMPLETED`` or ``FIRST_EXCEPTION``.

    Returns:
        Two sets, ``done`` and ``not_done``. A future that is cancelled counts as done when its executor has come
        across it.

    Raises:
        TypeError, ValueError: ``timeout`` or ``return_when`` is not of that kind.

    Thread safety:
        Safe on shared objects.
    """
    timeout = timeout_to_seconds(timeout, negative_ok=True)
    futures: set[Any] = set(fs)
    if all(isinstance(future, Future) for future in futures):
        return DoneAndNotDoneFutures(*done_and_not_done(_NoticedEnds, futures, timeout, return_when))
    return standard_wait(futures, timeout, return_when)
