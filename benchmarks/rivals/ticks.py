"""When the ticks of a loop came: of one that calls a function, and of one that sleeps between them."""

import threading
from collections.abc import Callable
from time import monotonic_ns

TICKS_WITHIN = 120  # seconds


class Ticks:
    """Notes when each tick came, until there were ``count``."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._stamps: list[int] = []
        self._done = threading.Event()

    def note(self) -> bool:
        """Note the time; return whether more ticks are wanted."""
        self._stamps.append(monotonic_ns())
        if len(self._stamps) < self._count:
            return True
        self._done.set()
        return False

    def wait(self, library: str) -> list[int]:
        """Return the times of all ticks, once they have come."""
        assert self._done.wait(TICKS_WITHIN), f"{library} has lost its ticks"
        return self._stamps[: self._count]


def note_after_each(sleep: Callable[[], object], count: int) -> list[int]:
    """Return when each of ``count`` calls of ``sleep`` was over."""
    stamps = []
    for _ in range(count):
        sleep()
        stamps.append(monotonic_ns())
    return stamps
