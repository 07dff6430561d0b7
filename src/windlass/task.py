"""Task, and waiting for several of them.

A Task is two things at once. Its state and its outcome live in the compiled :class:`CoreTask`; and it is a
:class:`concurrent.futures.Future` for whatever asks by type. The standard library's own functions read ``_state``,
lock ``_condition`` and leave their waiters in ``_waiters``: those names are properties here, and the condition and the
list are made when somebody first touches them, which for most tasks is never.
"""

import asyncio
import threading
import uuid as uuid_module
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent import futures
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION, Future, InvalidStateError
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from windlass._core.clock import timeout_to_seconds
from windlass._core.priority_key import priority_key
from windlass._core.task import CoreTask
from windlass._core.task import current_task as _current_task
from windlass._core.task_options import TaskOptions
from windlass._core.watcher import CompletionStream
from windlass._core.watching import stop_watching, watch
from windlass.errors import WaitTimeout
from windlass.priority import DEFAULT_PRIORITY

__all__ = [
    "ALL_COMPLETED",
    "FIRST_COMPLETED",
    "FIRST_EXCEPTION",
    "Task",
    "as_completed",
    "current_task",
    "wait",
]

T = TypeVar("T")
F = TypeVar("F", bound=Future[Any])

# The standard library's names of our states. A cancelled task has told its waiters at once.
_STANDARD_STATES = {
    "PENDING": "PENDING",
    "RUNNING": "RUNNING",
    "CANCELLED": "CANCELLED_AND_NOTIFIED",
    "FINISHED": "FINISHED",
}


class Task(CoreTask, Future[T], Generic[T]):
    """One call, its state and its result: a future, and an event that is set at the end.

    Args:
        fn: What to call.
        args: Positional arguments.
        kwargs: Keyword arguments.
        priority: Lower runs first.
        callback_func: Called with the value if the call succeeds, before the task counts as ended.
        semaphore: Anything with ``acquire`` and ``release``; held during the call.
        store_return: Whether to keep the value; if not, ``result()`` is None.
        inject_task: Pass the task to ``fn`` as keyword argument ``TaskObject``. None: if it has such a parameter.
        name: For logs and ``repr``.

    Raises:
        TypeError, ValueError, OverflowError: An argument is not of the kind described.

    Thread safety:
        Safe on shared objects.
    """

    if TYPE_CHECKING:  # what CoreTask has and cannot type

        def result(self, timeout: float | None = None) -> T: ...  # noqa: D102
        def add_done_callback(self, fn: Callable[["Task[T]"], object]) -> None: ...  # noqa: D102

    def __init__(
        self,
        fn: Callable[..., T],
        args: Iterable[Any] = (),
        kwargs: dict[str, Any] | None = None,
        *,
        priority: int | float = DEFAULT_PRIORITY,
        callback_func: Callable[[T], object] | None = None,
        semaphore: Any = None,
        store_return: bool = True,
        inject_task: bool | None = None,
        name: str | None = None,
    ) -> None:
        if not callable(fn):
            raise TypeError(f"fn must be callable, not {type(fn).__name__}")
        priority_key(priority)
        options = make_options(callback_func, semaphore, store_return, name)
        self._set_up(fn, tuple(args), dict(kwargs) if kwargs else None, priority, options, inject_task, None)

    def __call__(self) -> T | None:
        """Run the task in the calling thread and return :attr:`results`.

        Raises:
            RuntimeError: It has been run, is running or was cancelled.
            BaseException: What the call raised.
        """
        self._run_here()
        return self.results

    @property
    def results(self) -> T | None:
        """The value; None before the end and after a cancel. Raises what the call raised."""
        return self.result() if self.done() and not self.cancelled() else None

    # ---- options that few tasks have ----

    @property
    def name(self) -> str | None:
        """The name given to it, or None."""
        return self._options.name if self._options is not None else None

    @property
    def callback_func(self) -> Callable[[T], object] | None:
        """What is called with the value of a success."""
        return self._options.callback_func if self._options is not None else None

    @property
    def semaphore(self) -> Any:
        """What is held during the call."""
        return self._options.semaphore if self._options is not None else None

    @property
    def store_return(self) -> bool:
        """Whether the value is kept."""
        return self._options.store_return if self._options is not None else True

    @property
    def uuid(self) -> str:
        """A random identifier, made when first asked for."""
        options = self._options
        given: str | None = options.uuid if options is not None else None
        # No lock: this may run in a finalizer or a signal handler that interrupts itself. setdefault is atomic.
        return given or str(self.__dict__.get("_uuid") or self.__dict__.setdefault("_uuid", str(uuid_module.uuid4())))

    # ---- order, identity, looks ----

    def __lt__(self, other: "Task[Any]") -> bool:
        return bool(self.priority < other.priority)

    def __gt__(self, other: "Task[Any]") -> bool:
        return bool(self.priority > other.priority)

    def __repr__(self) -> str:
        fn = self.fn
        what = self.name or (getattr(fn, "__qualname__", None) or repr(fn) if fn is not None else "")
        if self.state == "FINISHED":
            error = self.exception()
            what += f" returned {type(self.result()).__name__}" if error is None else f" raised {type(error).__name__}"
        return f"<{type(self).__name__} at {id(self):#x} {self.state.lower()} {what.strip()}>".replace(" >", ">")

    def __await__(self) -> Generator[Any, None, T]:
        return asyncio.wrap_future(self).__await__()

    def __reduce__(self) -> tuple[Any, ...]:
        # An ended task is its outcome; any other is its call, which the copy may still make.
        if self.done():
            error = None if self.cancelled() else self.exception()
            outcome = (error, None) if error is not None else None if self.cancelled() else self.result()
            return _revive, (type(self), self.state, outcome, error is not None, self.priority, self.name)
        options = (self.callback_func, self.semaphore, self.store_return, self._inject_task, self.name)
        return _remake, (type(self), self.fn, self.args, self.kwargs, self.priority, options)

    # ---- what the standard library reads and calls ----

    @property
    def _state(self) -> str:  # type: ignore[override]
        return _STANDARD_STATES[self.state]

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
        return self.results if self.exception_or_none() is None else None

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


def make_options(
    callback_func: Callable[..., object] | None = None,
    semaphore: Any = None,
    store_return: bool = True,
    name: str | None = None,
    deadline: float | None = None,
) -> TaskOptions | None:
    """Return the options as the core keeps them, or None if all have their defaults."""
    if callback_func is None and semaphore is None and store_return and name is None and deadline is None:
        return None
    if callback_func is not None and not callable(callback_func):
        raise TypeError(f"callback_func must be callable, not {type(callback_func).__name__}")
    if semaphore is not None and not (hasattr(semaphore, "acquire") and hasattr(semaphore, "release")):
        raise TypeError(f"semaphore must have acquire and release, and {type(semaphore).__name__} has not")
    options = TaskOptions()
    options.callback_func, options.semaphore = callback_func, semaphore
    options.store_return, options.name, options.deadline = store_return, name, deadline
    return options


def _remake(
    kind: type[Task[Any]], fn: Any, args: Any, kwargs: Any, priority: Any, options: tuple[Any, ...]
) -> Task[Any]:
    callback_func, semaphore, store_return, inject_task, name = options
    return kind(
        fn,
        args,
        kwargs,
        priority=priority,
        callback_func=callback_func,
        semaphore=semaphore,
        store_return=store_return,
        inject_task=inject_task,
        name=name,
    )


def _revive(
    kind: type[Task[Any]], state: str, outcome: Any, failed: bool, priority: Any, name: str | None
) -> Task[Any]:
    task = kind.__new__(kind)
    task._set_up(None, None, None, priority, make_options(name=name), None, None)
    task._restore(state, outcome, failed)
    return task


current_task: Callable[[], Task[Any] | None] = _current_task


class DoneAndNotDone(NamedTuple, Generic[F]):
    """What :func:`wait` returns."""

    done: set[F]
    not_done: set[F]


def as_completed(tasks: Iterable[F], timeout: float | None = None) -> Iterator[F]:
    """Yield the tasks as they end, each once.

    A worker that iterates over tasks of its own pool runs those that are still pending itself.

    Args:
        tasks: Tasks; standard futures may be among them.
        timeout: Longest wait for all of them together, in seconds from the first ``next``; None for no limit.

    Raises:
        WaitTimeout: They had not all ended in time.
        TypeError, ValueError: ``timeout`` is not a number of seconds.

    Thread safety:
        Safe on shared objects; the iterator itself belongs to one thread.
    """
    timeout = timeout_to_seconds(timeout, negative_ok=True)
    pending: set[Any] = set(tasks)
    if not all(isinstance(task, CoreTask) for task in pending):
        return futures.as_completed(pending, timeout)  # type: ignore[return-value]
    return _as_completed(pending, timeout)


def _as_completed(pending: set[Any], timeout: float | None) -> Iterator[Any]:
    end = None if timeout is None else monotonic() + timeout
    total = len(pending)
    stream = CompletionStream()
    watched = watch(pending, stream)
    try:
        while pending:
            ended = watched or stream.take(None if end is None else end - monotonic())
            watched = []
            if not ended:
                raise WaitTimeout(f"{len(pending)} (of {total}) tasks unfinished")
            ended.reverse()
            while ended:
                pending.discard(ended[-1])
                yield ended.pop()  # no name here holds it: a yielded task is free to die
    finally:
        stop_watching(pending, stream)


def wait(tasks: Iterable[F], timeout: float | None = None, return_when: str = ALL_COMPLETED) -> DoneAndNotDone[F]:
    """Wait for tasks to end.

    Args:
        tasks: Tasks; standard futures may be among them.
        timeout: Longest wait in seconds; None for no limit.
        return_when: ``ALL_COMPLETED``, ``FIRST_COMPLETED`` or ``FIRST_EXCEPTION``.

    Returns:
        A pair of sets, ``done`` and ``not_done``.

    Raises:
        TypeError, ValueError: ``timeout`` or ``return_when`` is not of that kind.

    Thread safety:
        Safe on shared objects.
    """
    timeout = timeout_to_seconds(timeout, negative_ok=True)
    if return_when not in (ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION):
        raise ValueError(f"return_when must be ALL_COMPLETED, FIRST_COMPLETED or FIRST_EXCEPTION, not {return_when!r}")
    pending: set[Any] = set(tasks)
    if not all(isinstance(task, CoreTask) for task in pending):
        both: tuple[set[Any], set[Any]] = futures.wait(pending, timeout, return_when)
        return DoneAndNotDone(*both)
    end = None if timeout is None else monotonic() + timeout
    done: set[Any] = set()
    stream = CompletionStream()
    try:
        ended = watch(pending, stream)
        while True:
            pending.difference_update(ended)
            done.update(ended)
            if not pending or (return_when == FIRST_COMPLETED and done):
                break
            if return_when == FIRST_EXCEPTION and any(task.exception_or_none() is not None for task in ended):
                break
            wanted = len(pending) if return_when == ALL_COMPLETED else 1
            ended = stream.take(None if end is None else end - monotonic(), wanted)
            if len(ended) < wanted:
                done.update(ended)
                pending.difference_update(ended)
                break
    finally:  # Ctrl-C too
        stop_watching(pending, stream)
    return DoneAndNotDone(done, pending)
