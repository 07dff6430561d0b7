"""horus-robotics: the Rate of a robotics framework in Rust."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rivals.rival import Rival, Way
from rivals.ticks import note_after_each


@contextmanager
def loop(interval: float) -> Iterator[Callable[[int], list[int]]]:
    from horus import Rate

    yield lambda ticks: note_after_each(Rate(1 / interval).sleep, ticks)


RIVAL = Rival(
    "horus-robotics",
    "horus",
    "horus-robotics",
    [Way("loop", "horus-robotics Rate", loop, "Rate.sleep: the loop of its API that runs a caller's own code.")],
)
