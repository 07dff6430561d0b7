"""Async functions on worker threads."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from windlass.task import current_task

P = ParamSpec("P")
T = TypeVar("T")


def run_to_end_here(function: Callable[P, Coroutine[Any, Any, T]], wants_task: bool) -> Callable[P, T]:
    """Return a function that runs ``function`` in an event loop of the calling thread.

    Args:
        function: An ``async`` function.
        wants_task: Whether to give it the task that runs it as ``TaskObject``, if it is given none.
    """

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        if wants_task:
            kwargs.setdefault("TaskObject", current_task())
        return _run(function(*args, **kwargs))

    return run


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    outer = asyncio._get_running_loop()
    if outer is None:
        return asyncio.run(coroutine)
    # A coroutine on this worker waits for a task that is still queued, and so runs it here: its loop stands still
    # meanwhile, as in any wait that is not awaited.
    asyncio._set_running_loop(None)
    try:
        return asyncio.run(coroutine)
    finally:
        asyncio._set_running_loop(outer)
