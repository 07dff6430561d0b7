"""APScheduler: a scheduler of jobs, used as a periodic loop."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rivals.rival import Rival, Way
from rivals.ticks import Ticks


@contextmanager
def loop(interval: float) -> Iterator[Callable[[int], list[int]]]:
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # it warns of every tick that it leaves out

    def run(count: int) -> list[int]:
        ticks = Ticks(count)
        scheduler: Any = BackgroundScheduler()
        scheduler.add_job(ticks.note, "interval", seconds=interval)
        scheduler.start()
        try:
            return ticks.wait("APScheduler")
        finally:
            scheduler.shutdown()

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
