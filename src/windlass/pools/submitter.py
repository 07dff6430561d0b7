"""The bound submitter that ``pool.options(...)`` returns."""

import contextvars
from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar

from windlass._core.chunk_stream import ChunkStream
from windlass._core.clock import timeout_to_ns
from windlass._core.priority_key import priority_key
from windlass.priority import DEFAULT_PRIORITY
from windlass.task import Task, make_options

A = TypeVar("A")
P = ParamSpec("P")
T = TypeVar("T")


class Submitter:
    """Submits to a pool with options that stay the same from call to call.

    Args:
        pool: The pool.
        priority: Lower runs first.
        deadline: ``time.monotonic()`` seconds; a task not started by then fails with WaitTimeout instead.
        timeout: Longest wait for room in a bounded queue, seconds; None for no limit.
        nowait: Do not wait for room.
        autospawn: Whether a submit may start a worker.
        name: Of the tasks.
        callback_func: Called with the value of each success.
        semaphore: Held during each call.
        store_return: Whether values are kept.
        inject_task: Pass the task as ``TaskObject``; None: where the function has such a parameter.
        context: A :class:`contextvars.Context` to run in, itself and not a copy: one task at a time.
        task_timeout: Of a process pool: seconds that a call may run before its worker is killed; None for the pool's.

    Thread safety:
        Safe on shared objects; it does not change after it is made.
    """

    def __init__(
        self,
        pool: Any,
        *,
        priority: int | float = DEFAULT_PRIORITY,
        deadline: float | None = None,
        timeout: float | None = None,
        nowait: bool = False,
        autospawn: bool = True,
        name: str | None = None,
        callback_func: Callable[..., object] | None = None,
        semaphore: Any = None,
        store_return: bool = True,
        inject_task: bool | None = None,
        context: contextvars.Context | None = None,
        task_timeout: float | None = None,
    ) -> None:
        priority_key(priority)
        if context is not None and not isinstance(context, contextvars.Context):
            raise TypeError(f"context must be a contextvars.Context, not {type(context).__name__}")
        if deadline is not None:
            if isinstance(deadline, bool) or not isinstance(deadline, (int, float)):
                raise TypeError(f"deadline must be monotonic seconds or None, not {type(deadline).__name__}")
            if deadline != deadline:
                raise ValueError("deadline must be monotonic seconds or None, not NaN")
        timeout_to_ns(timeout)
        pool._check_options(task_timeout, inject_task, context)
        self._pool = pool
        self._priority = priority
        self._placing = (timeout, nowait, autospawn)
        self._extras = (callback_func, semaphore, store_return, name, deadline, task_timeout)
        self._running = (inject_task, context)
        make_options(*self._extras)  # refuses bad ones here rather than at the first submit

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Task[T]:
        """As the pool's ``submit``; all keyword arguments are the call's."""
        task: Task[T] = self._pool._submit_task(self._make(fn, args, kwargs), *self._placing)
        return task

    def _make(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any] | None) -> Task[Any]:
        task: Task[Any] = self._pool._make_task(
            fn, args, dict(kwargs) if kwargs else None, self._priority, make_options(*self._extras), *self._running
        )
        return task

    def _submit_all(self, tasks: list[Task[Any]], chunksize: int = 0) -> list[Task[Any]]:
        if self._placing == (None, False, True):
            self._pool._submit_tasks(tasks, self._priority, chunksize)
        else:
            for task in tasks:
                self._pool._submit_task(task, *self._placing)
        return tasks

    def map(self, fn: Callable[..., T], pairs: Iterable[Any], chunksize: int = 0) -> list[Task[T]]:
        """As the pool's ``map``."""
        calls = []  # read and checked to the end before anything is submitted
        for pair in pairs:
            try:
                args, kwargs = pair
                if isinstance(args, (str, bytes)):
                    raise TypeError("a string is not a sequence of arguments")
                calls.append((tuple(args), dict(kwargs) if kwargs else None))
            except (TypeError, ValueError) as error:
                raise TypeError(f"item {len(calls)} of pairs must be (args, kwargs): {error}") from error
        return self._submit_all([self._make(fn, args, kwargs) for args, kwargs in calls], chunksize)

    def submit_many(self, fn: Callable[[A], T], iterable: Iterable[A]) -> list[Task[T]]:
        """As the pool's ``submit_many``."""
        return self._submit_all([self._make(fn, (item,), None) for item in iterable])

    def imap(self, fn: Callable[[A], T], iterable: Iterable[A], **settings: Any) -> ChunkStream[T]:
        """As the pool's ``imap``, at this submitter's priority."""
        values: ChunkStream[T] = self._pool.imap(fn, iterable, priority=self._priority, **settings)
        return values
