"""loop-rate-limiters: a limiter of a loop's frequency, after ROS."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic_ns

from rivals.rival import Rival, Way


@contextmanager
def loop(interval: float) -> Iterator[Callable[[int], list[int]]]:
    from loop_rate_limiters import RateLimiter

    def run(ticks: int) -> list[int]:
        rate = RateLimiter(1 / interval, warn=False)
        stamps = []
        for _ in range(ticks):
            rate.sleep()
            stamps.append(monotonic_ns())
        return stamps

    yield run


RIVAL = Rival(
    "loop-rate-limiters",
    "loop_rate_limiters",
    "loop-rate-limiters",
    [Way("loop", "loop-rate-limiters", loop, "RateLimiter without its warnings, which would cost time.")],
)
