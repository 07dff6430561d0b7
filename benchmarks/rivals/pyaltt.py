"""pyaltt: one of the libraries that windlass stands in for, deprecated by its authors in favour of atasker.

PyPI still has it, and on the Pythons of today a part of it runs: a second start() and stop() call
Thread.isAlive, which Python 3.9 removed. Workers therefore end by returning False, as it allows.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rivals.rival import Rival, Way
from rivals.ticks import Ticks


@contextmanager
def decorated(fn: Callable[[int], Any]) -> Iterator[Callable[[int], Callable[[], Any]]]:
    from pyaltt import background_task

    warnings.simplefilter("ignore", DeprecationWarning)  # setDaemon, for each thread
    values: dict[int, Any] = {}

    def keep(value: int) -> None:
        values[value] = fn(value)

    start = background_task(keep, wait_start=True)

    def call(value: int) -> Callable[[], Any]:
        thread = start(value)

        def wait() -> Any:
            thread.join()
            return values.pop(value)

        return wait

    yield call


@contextmanager
def loop(interval: float) -> Iterator[Callable[[int], list[int]]]:
    from pyaltt import background_worker

    warnings.simplefilter("ignore", DeprecationWarning)

    def run(count: int) -> list[int]:
        ticks = Ticks(count)

        def tick(**_: Any) -> bool:
            return ticks.note()

        background_worker(interval=interval, poll_delay=interval / 10, realtime=True)(tick).start()
        return ticks.wait("pyaltt")

    yield run


RIVAL = Rival(
    "pyaltt",
    "pyaltt",
    "pyaltt",
    [
        Way(
            "decorated",
            "pyaltt @background_task",
            decorated,
            "Without its supervisor, which polls every 100 ms; wait_start, for else the thread may not yet be joined.",
        ),
        Way(
            "loop",
            "pyaltt background_worker",
            loop,
            "realtime=True and a poll_delay of a tenth of the interval: its sleep is a polling loop of 100 ms else.",
        ),
    ],
)
