"""Lateness of a 1 kHz loop on an idle machine, beside a bare clock_nanosleep loop in C: the machine's floor."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from interleave import SUBJECT, Figures, Measure, Row, Shape, Trial, Unavailable

if TYPE_CHECKING:
    from windlass._core.histogram import Histogram

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
        shapes=[Shape("lateness", f"{label}: lateness", "us")],
    )


@dataclass(frozen=True)
class Found:
    """How late each tick was, in nanoseconds, and the share of a processor, in per cent."""

    lateness: "Histogram | None"  # None where the floor cannot be measured
    cpu: float


@contextmanager
def _trial(loop: Callable[[int], "Histogram | None"], ticks: int) -> Iterator[Trial]:
    yield Trial(partial(_run, loop, ticks), _figures, samples=_samples)


def _run(loop: Callable[[int], "Histogram | None"], ticks: int) -> Found:
    cpu, begin = time.thread_time(), time.monotonic()
    lateness = loop(ticks)
    return Found(lateness, 100 * (time.thread_time() - cpu) / (time.monotonic() - begin))


def _ticker(ticks: int) -> "Histogram | None":
    from windlass import Ticker

    ticker = Ticker(INTERVAL)
    for _ in itertools.islice(ticker, ticks):
        pass
    assert ticker.ticks == ticks
    return ticker.histogram("lateness")


def _floor(ticks: int) -> "Histogram | None":
    from windlass._core.sleep_floor import sleep_floor

    return sleep_floor(round(INTERVAL * 1e9), round(INTERVAL * 1e9) * ticks)


def _figures(found: Found, _elapsed: float) -> Figures:
    if found.lateness is None:
        raise Unavailable("no clock_nanosleep")
    p50, p90, p99 = (value or 0 for value in found.lateness.percentiles(50, 90, 99))
    return {"p50": p50 / 1e3, "p90": p90 / 1e3, "p99": p99 / 1e3, "cpu": found.cpu}


def _samples(found: Found) -> dict[str, list[float]]:
    buckets = found.lateness.buckets() if found.lateness is not None else []
    return {"lateness": [(low + high) / 2e3 for low, high, count in buckets for _ in range(count)]}
