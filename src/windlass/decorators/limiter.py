"""Limiter: how many calls of a function run at a time."""

import asyncio
import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from windlass._core.lifting import lift_calls_of
from windlass._core.limit import Limit
from windlass.decorators.wrapping import Mark, decorate, mark_of, put_mark

F = TypeVar("F", bound=Callable[..., Any])


class Limiter:
    """Lets so many calls of a function run at a time.

    Args:
        num: How many; or a :class:`windlass.Limit`, to share it with other functions. Otherwise each decorated function
            has a limit of its own. That of a method is for all instances together.
        blocking: True: a call waits for its turn. An ``async`` function does so in its event loop. Over
            :func:`Threaded`, the turn lasts until the task ends. What a pool or a :func:`Threaded` above runs waits for
            its turn outside the queue, not on a worker.
            False: a call passes the limit on to the function as ``_task_semaphore`` and waits for nothing. That is for
            functions that take it, such as those of :func:`Threaded`.

    Raises:
        TypeError, ValueError: An argument is not of the kind described.

    A call within a call counts too: with ``num=1``, a function that calls itself waits for ever. Not so with
    :func:`Processed`, whose calls within a worker process are part of the one that is counted.

    Thread safety:
        Safe on shared objects.
    """

    def __init__(self, num: int | Limit, blocking: bool = True) -> None:
        if not isinstance(num, Limit):
            if isinstance(num, bool) or not isinstance(num, int):
                raise TypeError(f"num must be an int or a Limit, not {type(num).__name__}")
            if num < 1:
                raise ValueError(f"num must be 1 or greater, not {num}")
        self._num = num
        self._blocking = blocking

    def __call__(self, function: F) -> F:
        """Return the limited function.

        Raises:
            TypeError: It cannot be limited.
        """
        return decorate("Limiter", function, self._wrap)  # type: ignore[no-any-return]

    def _wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError("Limiter cannot limit a generator: it runs when it is iterated over, not when it is called")
        limit = self._num if isinstance(self._num, Limit) else Limit(self._num)
        mark = mark_of(function)
        returns_task = mark is not None and mark.returns_task
        runs_in_place = None if mark is None else mark.runs_in_place
        if not self._blocking:
            if mark is not None and mark.limit is not None:
                raise TypeError("a task waits for one limit only, and this function has one already")
            wrapper = _passing_on(function, limit)
        elif returns_task:
            wrapper = _until_task_ends(function, limit, runs_in_place)
        elif inspect.iscoroutinefunction(function):
            wrapper = _awaiting(function, limit)
        else:
            wrapper = _waiting(function, limit)
        put_mark(Mark(wrapper, function, limit, returns_task, not self._blocking, runs_in_place))
        return wrapper


def _waiting(function: Callable[..., Any], limit: Limit) -> Callable[..., Any]:
    @wraps(function)
    def limited(*args: Any, **kwargs: Any) -> Any:
        with limit:
            return function(*args, **kwargs)

    lift_calls_of(limited, limit, function)
    return limited


def _passing_on(function: Callable[..., Any], limit: Limit) -> Callable[..., Any]:
    @wraps(function)
    def limited(*args: Any, **kwargs: Any) -> Any:
        if "_task_semaphore" in kwargs:
            raise TypeError("a task waits for one limit only: leave _task_semaphore to the Limiter")
        kwargs["_task_semaphore"] = limit
        return function(*args, **kwargs)

    return limited


def _until_task_ends(
    function: Callable[..., Any], limit: Limit, runs_in_place: Callable[[], bool] | None
) -> Callable[..., Any]:
    def release(_: object) -> None:
        limit.release()

    @wraps(function)
    def limited(*args: Any, **kwargs: Any) -> Any:
        if runs_in_place is not None and runs_in_place():
            return function(*args, **kwargs)  # this process has a copy of the limit, which counts nobody else's calls
        limit.acquire()
        try:
            task = function(*args, **kwargs)
        except BaseException:
            limit.release()
            raise
        task.add_done_callback(release)
        return task

    return limited


def _awaiting(function: Callable[..., Any], limit: Limit) -> Callable[..., Any]:
    @wraps(function)
    async def limited(*args: Any, **kwargs: Any) -> Any:
        await _slot(limit)
        try:
            return await function(*args, **kwargs)
        finally:
            limit.release()

    return limited


async def _slot(limit: Limit) -> None:
    """Take a slot without keeping the event loop from its work."""
    loop = asyncio.get_running_loop()
    taken = loop.create_future()

    def tell() -> None:
        if not taken.done():
            taken.set_result(None)

    turn = limit.enlist(lambda: loop.call_soon_threadsafe(tell))
    if turn is None:
        return
    try:
        await taken
    except BaseException:  # cancelled, or the loop is closed
        if not turn.withdraw():
            limit.release()
        raise
