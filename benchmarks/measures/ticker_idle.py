"""Lateness of a 1 kHz loop on an idle machine, beside a bare clock_nanosleep loop in C: the machine's floor."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from interleave import SUBJECT, Figures, Measure, Row, Trial

INTERVAL = 0.001
FLOOR = "clock_nanosleep in C"


def measure(quick: bool) -> Measure:
    """Measure 3 000 ticks of each, in turn, in one thread of one process."""
    ticks = 300 if quick else 3_000
    label = "1 kHz loop, idle machine"
    return Measure(
        "ticker-idle",
        {SUBJECT: partial(_trial, _ticker, ticks), FLOOR: partial(_trial, _floor, ticks)},
        [
            Row(f"{label}: lateness p50", "p50", "us", FLOOR, goal="at most 1 us", most=1),
            Row(f"{label}: lateness p90", "p90", "us", FLOOR, goal="not above the floor's", least_ratio=1),
            Row(f"{label}: lateness p99", "p99", "us", FLOOR),
            Row(f"{label}: processor time", "cpu", "% of a core", FLOOR, goal="at most 10 %", most=10),
        ],
    )


@contextmanager
def _trial(loop: Callable[[int], Figures], ticks: int) -> Iterator[Trial]:
    yield Trial(partial(_with_cpu, loop, ticks), lambda figures, _elapsed: figures)


def _with_cpu(loop: Callable[[int], Figures], ticks: int) -> Figures:
    cpu, begin = time.thread_time(), time.monotonic()
    figures = loop(ticks)
    return {**figures, "cpu": 100 * (time.thread_time() - cpu) / (time.monotonic() - begin)}


def _ticker(ticks: int) -> Figures:
    from windlass import Ticker

    ticker = Ticker(INTERVAL)
    for _ in itertools.islice(ticker, ticks):
        pass
    assert ticker.ticks == ticks
    return _percentiles(ticker.histogram("lateness"))


def _floor(ticks: int) -> Figures:
    from windlass._core.sleep_floor import sleep_floor

    found = sleep_floor(round(INTERVAL * 1e9), round(INTERVAL * 1e9) * ticks)
    return {} if found is None else _percentiles(found)


def _percentiles(histogram) -> Figures:  # type: ignore[no-untyped-def]
    p50, p90, p99 = histogram.percentiles(50, 90, 99)
    return {"p50": p50 / 1e3, "p90": p90 / 1e3, "p99": p99 / 1e3}
