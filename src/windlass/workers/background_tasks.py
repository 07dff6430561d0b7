"""The decorator ``background_task``: each call of a function runs in a thread of its own."""

import contextvars
import functools
import itertools
import os
import threading
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar, overload

from windlass._core.clock import timeout_to_seconds
from windlass._core.priority_key import priority_key
from windlass._core.report import report
from windlass._core.task_queue import PriorityTaskQueue
from windlass.errors import QueueEmpty
from windlass.priority import DEFAULT_PRIORITY
from windlass.task import Task
from windlass.workers import registry

P = ParamSpec("P")
T = TypeVar("T")

_numbers = itertools.count(1)


class BackgroundTask(threading.Thread, Generic[T]):
    """A thread that makes one call, begun or waiting for its turn. Its exception is logged when it ends.

    Thread safety:
        Safe on shared objects.
    """

    def __init__(self, task: Task[T], name: str, daemon: bool) -> None:
        context = contextvars.copy_context()
        super().__init__(name=name, daemon=daemon)
        self.task = task
        self._callers_context = context
        self._begun = threading.Event()

    def run(self) -> None:
        """Make the call."""
        self._begun.set()
        try:
            self._callers_context.run(self.task)
        except BaseException as error:
            report("exception in", self.task, error)
        finally:
            _gate.leave()

    def result(self, timeout: float | None = None) -> T:
        """Wait for the call; return its value or raise its exception.

        Raises:
            WaitTimeout: It did not end within ``timeout`` seconds.
        """
        return self.task.result(timeout)

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end, first for the beginning if it has not come."""
        timeout = timeout_to_seconds(timeout, negative_ok=True)
        if self.task.wait(timeout) and self.ident is not None:
            super().join(timeout)

    def wait_start(self, timeout: float | None = None) -> bool:
        """Wait until the call has begun; return whether it has."""
        return self._begun.wait(timeout_to_seconds(timeout, negative_ok=True))


class Gate:
    """Lets at most so many background tasks run at a time; the others wait in the order of their priorities."""

    def __init__(self) -> None:
        self.limit: int | None = None
        self._running = 0
        self._waiting = PriorityTaskQueue()
        self._lock = threading.RLock()  # guards _running; a finalizer that interrupts its holder may begin a task

    def enter(self, thread: BackgroundTask[Any], priority: int | float) -> None:
        """Start a thread, now or in its turn."""
        self._waiting.put(thread, priority)
        self.let_in()

    def leave(self) -> None:
        """Let the next one in."""
        with self._lock:
            self._running = max(0, self._running - 1)  # a task that forked leaves twice
        self.let_in()

    def let_in(self) -> None:
        """Start all that may start."""
        while (thread := self._next()) is not None:
            try:
                thread.start()
            except BaseException as error:
                if thread.ident is not None:  # it runs: it was the caller that was interrupted
                    raise
                if isinstance(error, RuntimeError) and registry.is_exiting() and not thread.daemon:
                    thread.run()  # from 3.12 on, an interpreter that exits starts no more threads
                    continue
                with self._lock:
                    self._running -= 1
                thread.task.set_exception(error)
                raise

    def _next(self) -> BackgroundTask[Any] | None:
        with self._lock:
            if self.limit is not None and self._running >= self.limit:
                return None
            try:
                thread: BackgroundTask[Any] = self._waiting.get_nowait()
            except QueueEmpty:
                return None
            self._running += 1
            return thread

    def reset_after_fork(self) -> None:
        """In a forked child: the parent's tasks neither run nor wait here."""
        self._lock = threading.RLock()
        self._running = 0
        self._waiting = PriorityTaskQueue()


_gate = Gate()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_gate.reset_after_fork)


def limit_background_tasks(limit: int | None) -> None:
    """Set how many background tasks run at a time; more wait, and begin in the order of their priorities.

    Args:
        limit: At least 1; None, as it is at first, for any number. Those that run already go on.

    Raises:
        TypeError, ValueError: It is not such a number.

    Thread safety:
        Safe on shared objects.
    """
    if limit is not None:
        if isinstance(limit, bool) or not isinstance(limit, int):
            raise TypeError(f"limit must be an int or None, not {type(limit).__name__}")
        if limit < 1:
            raise ValueError(f"limit must be 1 or greater, not {limit}")
    _gate.limit = limit
    _gate.let_in()


@overload
def background_task(fn: Callable[P, T], /) -> Callable[P, BackgroundTask[T]]: ...
@overload
def background_task(
    fn: None = None,
    /,
    *,
    name: str | None = None,
    daemon: bool = False,
    priority: int | float = DEFAULT_PRIORITY,
    wait_start: bool = False,
    group: None = None,
) -> Callable[[Callable[P, T]], Callable[P, BackgroundTask[T]]]: ...
@overload
def background_task(
    fn: Callable[P, T],
    /,
    *,
    name: str | None = None,
    daemon: bool = False,
    priority: int | float = DEFAULT_PRIORITY,
    wait_start: bool = False,
    group: None = None,
) -> Callable[P, BackgroundTask[T]]: ...
def background_task(
    fn: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    daemon: bool = False,
    priority: int | float = DEFAULT_PRIORITY,
    wait_start: bool = False,
    group: None = None,
) -> Any:
    """Let each call of a function run in a thread of its own; the call returns the thread at once.

    ::

        @background_task
        def fetch(url): ...


        thread = fetch("https://example.org")
        page = thread.result(10)

    Args:
        fn: The function.
        name: Of the threads; by default that of the function and a number.
        daemon: Whether the interpreter's exit does not wait for them.
        priority: Which call begins first where :func:`limit_background_tasks` makes them wait. Lower is first.
        wait_start: Let the call return when the function has begun.
        group: As for ``threading.Thread``: None.

    Returns:
        The function that starts a :class:`BackgroundTask`, a ``threading.Thread``; without ``fn``, the decorator.

    Raises:
        TypeError, ValueError, OverflowError: An argument is not of the kind described.
    """
    if group is not None:
        raise ValueError("group must be None: Python has no groups of threads")
    priority_key(priority)
    if fn is None:
        return functools.partial(background_task, name=name, daemon=daemon, priority=priority, wait_start=wait_start)
    if not callable(fn):
        raise TypeError(f"background_task takes a function and keyword arguments, not {type(fn).__name__}")

    @functools.wraps(fn)
    def begin(*args: Any, **kwargs: Any) -> BackgroundTask[Any]:
        label = name or f"{getattr(fn, '__name__', 'background_task')}_{next(_numbers)}"
        task = Task(fn, args, kwargs, priority=priority, name=label)
        thread = BackgroundTask(task, label, daemon)
        _gate.enter(thread, priority)
        if wait_start:
            thread.wait_start()
        return thread

    return begin
