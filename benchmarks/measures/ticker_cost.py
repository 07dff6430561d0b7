"""What a tick costs besides sleeping: every tick of this loop is late, so none ever sleeps."""

import itertools
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from interleave import SUBJECT, Figures, Measure, Row, Trial

RECORDS = 4  # lateness, period jitter, run time and GIL wait


def measure(quick: bool) -> Measure:
    """Measure 200 000 late ticks in a row, and as many records of a histogram."""
    times = 20_000 if quick else 200_000
    return Measure(
        "ticker-cost",
        {SUBJECT: partial(_trial, times)},
        [
            Row("one tick besides sleeping", "tick", "ns", None, goal="below 1 000 ns", most=1_000),
            Row("statistics of one tick (4 records)", "statistics", "ns", None, goal="below 50 ns", most=50),
        ],
    )


@contextmanager
def _trial(times: int) -> Iterator[Trial]:
    yield Trial(partial(_run, times), lambda figures, _elapsed: figures, batches=3)


def _run(times: int) -> Figures:
    from time import perf_counter_ns

    from windlass import Ticker
    from windlass._core.histogram import Histogram

    ticker = Ticker(1e-9, missed="burst", max_burst=None)
    begin = perf_counter_ns()
    deque(itertools.islice(ticker, times), maxlen=0)
    ticks = perf_counter_ns() - begin
    assert ticker.ticks == times

    histogram = Histogram()
    values = [number * 37 for number in range(times)]
    begin = perf_counter_ns()
    histogram.record_all(values)
    records = perf_counter_ns() - begin
    assert histogram.count == times
    return {"tick": ticks / times, "statistics": RECORDS * records / times}
