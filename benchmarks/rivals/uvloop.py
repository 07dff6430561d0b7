"""uvloop: libuv's event loop for asyncio."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rivals.rival import Rival, Way
from rivals.stdlib import call_at


@contextmanager
def loop(interval: float) -> Iterator[Callable[[int], list[int]]]:
    import uvloop

    yield lambda ticks: uvloop.run(call_at(interval, ticks))


RIVAL = Rival(
    "uvloop",
    "uvloop",
    "uvloop",
    [Way("loop", "uvloop call_at", loop, "call_at on absolute times, the same callback as for asyncio.")],
)
