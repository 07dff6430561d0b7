"""Task, and waiting for several of them."""

import asyncio
import uuid as uuid_module
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent import futures
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION, Future
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from windlass._core.clock import timeout_to_seconds
from windlass._core.priority_key import priority_key
from windlass._core.task import CoreTask
from windlass._core.task import current_task as _current_task
from windlass._core.task_options import TaskOptions
from windlass.errors import WaitTimeout
from windlass.future import StandardFuture
from windlass.priority import DEFAULT_PRIORITY
from windlass.waiting import Ends, done_and_not_done, each_as_it_ends

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


class Task(StandardFuture[T]):
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


def make_options(
    callback_func: Callable[..., object] | None = None,
    semaphore: Any = None,
    store_return: bool = True,
    name: str | None = None,
    deadline: float | None = None,
    task_timeout: float | None = None,
) -> TaskOptions | None:
    """Return the options as the core keeps them, or None if all have their defaults."""
    given = (callback_func, semaphore, name, deadline, task_timeout)
    if store_return and all(option is None for option in given):
        return None
    if callback_func is not None and not callable(callback_func):
        raise TypeError(f"callback_func must be callable, not {type(callback_func).__name__}")
    if semaphore is not None and not (hasattr(semaphore, "acquire") and hasattr(semaphore, "release")):
        raise TypeError(f"semaphore must have acquire and release, and {type(semaphore).__name__} has not")
    options = TaskOptions()
    options.callback_func, options.semaphore = callback_func, semaphore
    options.store_return, options.name, options.deadline = store_return, name, deadline
    options.task_timeout = task_timeout
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
    return each_as_it_ends(Ends, pending, timeout, WaitTimeout)


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
    pending: set[Any] = set(tasks)
    if all(isinstance(task, CoreTask) for task in pending):
        return DoneAndNotDone(*done_and_not_done(Ends, pending, timeout, return_when))
    both: tuple[set[Any], set[Any]] = futures.wait(pending, timeout, return_when)
    return DoneAndNotDone(*both)
