"""APScheduler: a scheduler of jobs, used as a periodic loop."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic_ns
from typing import Any

from rivals.rival import Rival, Way

TICKS_WITHIN = 120  # seconds


@contextmanager
def loop(interval: float) -> Iterator[Callable[[int], list[int]]]:
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # it warns of every tick that it leaves out

    def run(ticks: int) -> list[int]:
        stamps: list[int] = []
        done = threading.Event()

        def tick() -> None:
            stamps.append(monotonic_ns())
            if len(stamps) >= ticks:
                done.set()

        scheduler: Any = BackgroundScheduler()
        scheduler.add_job(tick, "interval", seconds=interval)
        scheduler.start()
        try:
            assert done.wait(TICKS_WITHIN), "APScheduler has lost its ticks"
        finally:
            scheduler.shutdown()
        return stamps[:ticks]

    yield run


RIVAL = Rival(
    "APScheduler",
    "apscheduler",
    "APScheduler",
    [
        Way(
            "loop",
            "APScheduler",
            loop,
            "BackgroundScheduler with an interval job: its shortest way to a thread's clock; its log is turned off.",
        )
    ],
)
