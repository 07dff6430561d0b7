"""What the tests of limits share: a call that counts how many of it run."""

import asyncio
import threading
import time

from waiting import LIMIT


class Crowd:
    """Counts how many are inside at a time; the first calls stay there until ``meet`` of them are."""

    def __init__(self, meet: int = 1) -> None:
        self._lock = threading.Lock()
        self._meet, self._have_met = meet, threading.Event()
        self.now = self.most = self.calls = 0

    def __enter__(self) -> "Crowd":
        with self._lock:
            self.now += 1
            self.calls += 1
            self.most = max(self.most, self.now)
            if self.most >= self._meet:
                self._have_met.set()
        return self

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self.now -= 1

    def call(self, value: int) -> int:
        """Be inside while others have the chance to run; return ``value``."""
        with self:
            assert self._have_met.wait(LIMIT)
            time.sleep(0.0001)
        return value

    async def call_async(self, value: int) -> int:
        """The same on an event loop."""
        with self:
            await asyncio.sleep(0.0001)
            while not self._have_met.is_set():
                await asyncio.sleep(0.0001)
        return value
