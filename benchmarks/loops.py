"""Periodic loops, windlass's and others', all doing the same: they note the time, tick after tick.

Each takes the interval in seconds and the number of ticks, and returns the times in nanoseconds. A library is
imported only where it is used; ``REQUIRES`` says which one that is.
"""

import asyncio
import importlib.util
import itertools
import logging
import threading
import time
from collections.abc import Callable
from time import monotonic, monotonic_ns

Stamps = list[int]

REQUIRES = {
    "uvloop call_at": "uvloop",
    "APScheduler": "apscheduler",
    "loop-rate-limiters": "loop_rate_limiters",
    "horus-robotics Rate": "horus",
}


def windlass(interval: float, ticks: int) -> Stamps:
    from windlass import Ticker

    return [monotonic_ns() for _ in itertools.islice(Ticker(interval), ticks)]


def absolute_sleep(interval: float, ticks: int) -> Stamps:
    start = monotonic()
    stamps = []
    for tick in range(ticks):
        time.sleep(max(0, start + tick * interval - monotonic()))
        stamps.append(monotonic_ns())
    return stamps


def event_wait(interval: float, ticks: int) -> Stamps:
    """Wait for a stop that does not come: the usual way to have a loop that can be stopped."""
    start, stop = monotonic(), threading.Event()
    stamps = []
    for tick in range(ticks):
        stop.wait(max(0, start + tick * interval - monotonic()))
        stamps.append(monotonic_ns())
    return stamps


async def _call_at(interval: float, ticks: int) -> Stamps:
    loop = asyncio.get_running_loop()
    start, done = loop.time(), loop.create_future()
    stamps: Stamps = []

    def run() -> None:
        stamps.append(monotonic_ns())
        if len(stamps) == ticks:
            done.set_result(None)
        else:
            loop.call_at(start + len(stamps) * interval, run)

    run()
    await done
    return stamps


def asyncio_call_at(interval: float, ticks: int) -> Stamps:
    return asyncio.run(_call_at(interval, ticks))


def uvloop_call_at(interval: float, ticks: int) -> Stamps:
    import uvloop

    return uvloop.run(_call_at(interval, ticks))  # type: ignore[no-any-return]


def apscheduler(interval: float, ticks: int) -> Stamps:
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # it warns of every tick that it leaves out
    stamps: Stamps = []
    done = threading.Event()

    def run() -> None:
        stamps.append(monotonic_ns())
        if len(stamps) >= ticks:
            done.set()

    scheduler = BackgroundScheduler()
    scheduler.add_job(run, "interval", seconds=interval)
    scheduler.start()
    try:
        assert done.wait(120), "APScheduler has lost its ticks"
    finally:
        scheduler.shutdown()
    return stamps[:ticks]


def loop_rate_limiters(interval: float, ticks: int) -> Stamps:
    from loop_rate_limiters import RateLimiter

    rate = RateLimiter(1 / interval, warn=False)
    stamps = []
    for _ in range(ticks):
        rate.sleep()
        stamps.append(monotonic_ns())
    return stamps


def horus_rate(interval: float, ticks: int) -> Stamps:
    from horus import Rate

    rate = Rate(1 / interval)
    stamps = []
    for _ in range(ticks):
        rate.sleep()
        stamps.append(monotonic_ns())
    return stamps


LOOPS: dict[str, Callable[[float, int], Stamps]] = {
    "windlass": windlass,
    "absolute time.sleep": absolute_sleep,
    "Event.wait": event_wait,
    "asyncio call_at": asyncio_call_at,
    "uvloop call_at": uvloop_call_at,
    "APScheduler": apscheduler,
    "loop-rate-limiters": loop_rate_limiters,
    "horus-robotics Rate": horus_rate,
}


def is_installed(name: str) -> bool:
    """Return whether the loop called ``name`` can run here."""
    return name not in REQUIRES or importlib.util.find_spec(REQUIRES[name]) is not None
