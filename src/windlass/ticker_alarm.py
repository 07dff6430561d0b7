"""An alarm for one coroutine: it sleeps until a time, or until any thread rings."""

import asyncio
import contextlib
import os
import weakref

from windlass._core.clock import monotonic_ns
from windlass._core.timer_file import open_timer, set_timer


class Alarm:
    """Wakes one coroutine of one event loop.

    Args:
        loop: The running loop of that coroutine.

    Thread safety:
        Safe on shared objects for :meth:`ring`; the rest belongs to the loop's thread.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._waiter: asyncio.Future[None] | None = None
        self._file = open_timer()
        if self._file is None:
            return
        # The loop must not keep the alarm alive: nobody would ever close the file.
        wake = weakref.WeakMethod(self._wake)
        try:
            loop.add_reader(self._file, lambda: (method := wake()) and method())
        except NotImplementedError:
            os.close(self._file)
            self._file = None

    async def until(self, at_ns: int | None) -> None:
        """Sleep until a time of the monotonic clock, None for no limit, or until somebody rings.

        It may return early; the caller looks again.

        Raises:
            RuntimeError: Another coroutine sleeps.
        """
        if self._waiter is not None:
            raise RuntimeError("another coroutine waits for this ticker")
        self._waiter = self.loop.create_future()
        timer = None
        if self._file is not None:
            set_timer(self._file, at_ns or 0)
        elif at_ns is not None:
            timer = self.loop.call_later(max(0, at_ns - monotonic_ns()) / 1e9, self._wake)
        try:
            await self._waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()

    def ring(self) -> None:
        """Wake the coroutine."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody sleeps
            self.loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if self._file is not None:
            set_timer(self._file, 0)  # readable no longer
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def __del__(self) -> None:
        file = getattr(self, "_file", None)
        if file is None:
            return
        try:
            self.loop.call_soon_threadsafe(_dispose, self.loop, file)
        except RuntimeError:  # the loop is closed, and its selector with it
            os.close(file)


def _dispose(loop: asyncio.AbstractEventLoop, file: int) -> None:
    loop.remove_reader(file)
    os.close(file)
