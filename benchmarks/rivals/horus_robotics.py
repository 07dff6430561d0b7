"""horus-robotics: the Rate of a robotics framework in Rust."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic_ns

from rivals.rival import Rival, Way


@contextmanager
def loop(interval: float) -> Iterator[Callable[[int], list[int]]]:
    from horus import Rate

    def run(ticks: int) -> list[int]:
        rate = Rate(1 / interval)
        stamps = []
        for _ in range(ticks):
            rate.sleep()
            stamps.append(monotonic_ns())
        return stamps

    yield run


RIVAL = Rival(
    "horus-robotics",
    "horus",
    "horus-robotics",
    [Way("loop", "horus-robotics Rate", loop, "Rate.sleep: the loop of its API that runs a caller's own code.")],
)
