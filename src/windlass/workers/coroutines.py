"""Coroutines for a worker's thread: an event loop that lives as long as the thread does."""

import asyncio
import inspect
import threading
from collections.abc import Callable, Coroutine
from typing import Any


class EventLoopThread:
    """Runs coroutines for one other thread, which waits for each, on one event loop of its own.

    The loop has its own thread so that what a coroutine leaves running (tasks, connections) goes on between two runs.

    Args:
        name: Of the thread.

    Raises:
        OSError: The event loop cannot be made, mostly for want of file descriptors.

    Thread safety:
        Incompatible: it belongs to the thread that made it.
    """

    def __init__(self, name: str) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._failure: BaseException | None = None
        self._ready = threading.Event()
        # A daemon whatever the worker is: the worker ends it, and a worker that is left behind must not hold it up.
        self.thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self.thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure

    def _serve(self) -> None:
        runner = asyncio.Runner()
        try:
            runner.get_loop()  # before the coroutine, which nobody would await if this fails
        except BaseException as error:
            self._failure = error
            self._ready.set()
            return
        with runner:
            runner.run(self._wait_for_end())

    async def _wait_for_end(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        self._ready.set()
        await self._end.wait()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end; return what it returns, raise what it raises."""
        assert self._loop is not None
        value, error = asyncio.run_coroutine_threadsafe(_outcome(coroutine), self._loop).result()
        if error is not None:
            raise error
        return value

    def close(self) -> None:
        """Cancel what still runs and end the loop."""
        if self._loop is None or self._end is None:
            return
        self._loop.call_soon_threadsafe(self._end.set)
        self.thread.join()

    def reset_after_fork(self) -> None:
        """In a forked child: let go of a loop whose files are the parent's."""
        if self._end is not None and self.thread is threading.current_thread():
            self._end.set()  # a coroutine forked: its thread is to end
        self._loop = None


async def _outcome(coroutine: Coroutine[Any, Any, Any]) -> tuple[Any, BaseException | None]:
    # A task that raised KeyboardInterrupt or SystemExit would take the event loop down with it.
    try:
        return await coroutine, None
    except BaseException as error:
        return None, error


def is_coroutine_function(fn: Callable[..., Any]) -> bool:
    """Return whether calling ``fn`` makes a coroutine; partials and objects with an async ``__call__`` count."""
    while hasattr(fn, "func") and not inspect.isroutine(fn):
        fn = fn.func
    return inspect.iscoroutinefunction(fn) or inspect.iscoroutinefunction(getattr(fn, "__call__", None))  # noqa: B004
