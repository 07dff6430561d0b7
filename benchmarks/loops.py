"""Periodic loops by name, windlass's and the rivals', all doing the same: they note the time, tick after tick."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from time import monotonic_ns

import rivals
from contenders import WINDLASS

Run = Callable[[int], list[int]]  # takes the number of ticks, returns their times in nanoseconds


def installed() -> list[str]:
    """Return the names of the loops that can run here, windlass's first."""
    return [WINDLASS, *rivals.ways("loop")]


def open_loop(name: str, interval: float) -> AbstractContextManager[Run]:
    """Make a loop with this interval in seconds."""
    return _windlass(interval) if name == WINDLASS else rivals.ways("loop")[name].open(interval)


@contextmanager
def _windlass(interval: float) -> Iterator[Run]:
    from windlass import Ticker

    yield lambda ticks: [monotonic_ns() for _ in itertools.islice(Ticker(interval), ticks)]
