"""What a worker's orders cost: start, stop and change of interval of a loop that sleeps for an hour."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import perf_counter_ns

from interleave import SUBJECT, Figures, Measure, Row, Trial

HOUR = 3600.0
THREAD = "thread with Event.wait"
FALL_ASLEEP = 0.0005  # seconds, between two orders
LIMIT = 10.0


def measure(quick: bool) -> Measure:
    """Measure 200 starts and stops of each, and as many changes of the interval."""
    times = 50 if quick else 200
    label = "loop asleep for an hour"
    return Measure(
        "background-worker",
        {SUBJECT: partial(_trial, _worker, times), THREAD: partial(_trial, _thread, times)},
        [
            Row("start of a loop, to its first run, p50", "start", "us", THREAD),
            Row(f"{label}: stop, p50", "stop_p50", "us", THREAD),
            Row(f"{label}: stop, p99", "stop_p99", "us", THREAD, goal="at most 300 us", most=300),
            Row(f"{label}: change of interval, to the next run, p99", "change", "us", None, "below 1 ms", most=1_000),
        ],
    )


@contextmanager
def _trial(run: Callable[[int], Figures], times: int) -> Iterator[Trial]:
    yield Trial(partial(run, times), lambda figures, _elapsed: figures)


class Runs:
    """A loop's function: it notes when it runs, and lets others wait for that."""

    def __init__(self) -> None:
        self.at = 0
        self._ran = threading.Event()

    def __call__(self) -> None:
        self.at = perf_counter_ns()
        self._ran.set()

    def since(self, begin: int) -> int:
        """Wait for a run; return how many nanoseconds after ``begin`` it came."""
        assert self._ran.wait(LIMIT), "the loop does not run"
        self._ran.clear()
        assert self.at >= begin
        return self.at - begin


def _percentiles(starts: list[int], stops: list[int]) -> dict[str, float]:
    percentiles = statistics.quantiles(stops, n=100, method="inclusive")
    return {
        "start": statistics.median(starts) / 1e3,
        "stop_p50": percentiles[49] / 1e3,
        "stop_p99": percentiles[98] / 1e3,
    }


def _worker(times: int) -> Figures:
    from windlass import BackgroundWorker

    runs, starts, stops, changes = Runs(), [], [], []
    worker = BackgroundWorker(func=runs, interval=HOUR)
    for _ in range(times):
        begin = perf_counter_ns()
        worker.start()
        starts.append(runs.since(begin))
        time.sleep(FALL_ASLEEP)
        begin = perf_counter_ns()
        worker.stop()
        stops.append(perf_counter_ns() - begin)
    worker.start()
    runs.since(0)
    for _ in range(times):
        time.sleep(FALL_ASLEEP)
        begin = perf_counter_ns()
        worker.interval = (begin - runs.at) / 2e9  # the next release has passed
        changes.append(runs.since(begin))
        worker.interval = HOUR
    worker.stop()
    assert worker.statistics().ticks >= times + 1
    change = statistics.quantiles(changes, n=100, method="inclusive")[98] / 1e3
    return {"change": change, **_percentiles(starts, stops)}


def _thread(times: int) -> Figures:
    runs, starts, stops = Runs(), [], []

    def loop(over: threading.Event) -> None:
        while True:
            runs()
            if over.wait(HOUR):
                return

    for _ in range(times):
        over = threading.Event()
        thread = threading.Thread(target=loop, args=(over,))
        begin = perf_counter_ns()
        thread.start()
        starts.append(runs.since(begin))
        time.sleep(FALL_ASLEEP)
        begin = perf_counter_ns()
        over.set()
        thread.join()
        stops.append(perf_counter_ns() - begin)
    return _percentiles(starts, stops)
