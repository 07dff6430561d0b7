"""Drift of a 1 kHz loop over a minute: how many releases of the grid are unaccounted for at the end."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from interleave import SUBJECT, Figures, Measure, Row, Trial

INTERVAL_NS = 1_000_000


def measure(quick: bool) -> Measure:
    """Run for 60 s and compare the clock with ticks + missed."""
    ticks = 1_000 if quick else 60_000
    return Measure(
        "ticker-drift",
        {SUBJECT: partial(_trial, ticks)},
        [
            Row("drift of a 1 kHz loop over 60 s", "off", "ticks", None, goal="at most 1 tick", most=1),
            Row("ticks missed meanwhile", "missed", "ticks", None),
        ],
        warm_up=False,
        most_rounds=1,
        time_limit=180,
    )


@contextmanager
def _trial(ticks: int) -> Iterator[Trial]:
    yield Trial(partial(_run, ticks), lambda figures, _elapsed: figures)


def _run(ticks: int) -> Figures:
    from windlass import Ticker

    ticker = Ticker(INTERVAL_NS / 1e9)
    begin = end = 0
    for tick in itertools.islice(ticker, ticks):
        begin = begin or tick.release_ns
        end = tick.started_ns
    assert ticker.ticks == ticks
    return {
        "off": abs((end - begin) / INTERVAL_NS - (ticker.ticks - 1 + ticker.total_missed)),
        "missed": ticker.total_missed,
    }
