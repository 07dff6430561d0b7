"""loop-rate-limiters: a limiter of a loop's frequency, after ROS."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rivals.rival import Rival, Way
from rivals.ticks import note_after_each


@contextmanager
def loop(interval: float) -> Iterator[Callable[[int], list[int]]]:
    from loop_rate_limiters import RateLimiter

    yield lambda ticks: note_after_each(RateLimiter(1 / interval, warn=False).sleep, ticks)


RIVAL = Rival(
    "loop-rate-limiters",
    "loop_rate_limiters",
    "loop-rate-limiters",
    [Way("loop", "loop-rate-limiters", loop, "RateLimiter without its warnings, which would cost time.")],
)
