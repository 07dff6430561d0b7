"""How soon a loop that sleeps for an hour hears of a stop, or of another interval."""

import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from time import monotonic_ns, sleep

from interleave import SUBJECT, Figures, Measure, Row, Trial

HOUR = 3600
EVENT = "Event.wait"
SETTLE = 0.002  # seconds for the loop to be asleep
SHORT = 1e-4  # the new interval: its first release is less than that away


def measure(quick: bool) -> Measure:
    """Measure 200 stops and 200 changes of interval of loops that are asleep."""
    times = 20 if quick else 200
    return Measure(
        "ticker-wakes",
        {SUBJECT: partial(_ticker, times), EVENT: partial(_event, times)},
        [
            Row("stop of a sleeping loop, p50", "stop p50", "us", EVENT),
            Row("stop of a sleeping loop, p99", "stop p99", "us", EVENT, goal="at most 300 us", most=300),
            Row(
                "from a new interval of 100 us to the first tick of a loop asleep for an hour, p99",
                "change p99",
                "us",
                None,
                goal="below 1 000 us",
                most=1_000,
            ),
        ],
        warm_up=False,
    )


@contextmanager
def _ticker(times: int) -> Iterator[Trial]:
    yield Trial(
        lambda: {**_figures("stop", [_stop_ticker() for _ in range(times)]), **_figures("change", _changes(times))},
        lambda figures, _elapsed: figures,
    )


@contextmanager
def _event(times: int) -> Iterator[Trial]:
    yield Trial(
        lambda: _figures("stop", [_stop_event() for _ in range(times)]),
        lambda figures, _elapsed: figures,
    )


def _figures(name: str, durations: list[int]) -> Figures:
    percentiles = statistics.quantiles(durations, n=100, method="inclusive")
    return {f"{name} p50": percentiles[49] / 1e3, f"{name} p99": percentiles[98] / 1e3}


def _stop_ticker() -> int:
    from windlass import Ticker

    ticker = Ticker(HOUR)
    ended = [0]

    def loop() -> None:
        for _ in ticker:
            pass
        ended[0] = monotonic_ns()

    thread = threading.Thread(target=loop)
    thread.start()
    sleep(SETTLE)
    begin = monotonic_ns()
    ticker.stop()
    thread.join()
    return ended[0] - begin


def _stop_event() -> int:
    stop = threading.Event()
    ended = [0]

    def loop() -> None:
        stop.wait(HOUR)
        ended[0] = monotonic_ns()

    thread = threading.Thread(target=loop)
    thread.start()
    sleep(SETTLE)
    begin = monotonic_ns()
    stop.set()
    thread.join()
    return ended[0] - begin


def _changes(times: int) -> list[int]:
    from windlass import Ticker

    ticker = Ticker(HOUR)
    started = [0]
    ran = threading.Semaphore(0)

    def loop() -> None:
        for tick in ticker:
            ticker.interval = HOUR
            started[0] = tick.started_ns
            ran.release()

    thread = threading.Thread(target=loop)
    thread.start()
    ran.acquire()
    durations = []
    for _ in range(times):
        sleep(SETTLE)
        begin = monotonic_ns()
        ticker.interval = SHORT
        ran.acquire()
        durations.append(started[0] - begin)
    ticker.stop()
    thread.join()
    return durations
