"""Bench a loop: what a tick costs, and how punctual it is."""

import itertools
from collections import deque
from typing import TYPE_CHECKING

import pytest

from everyone import ARGUMENTS, everyone
from interleave import MakeMeasure, RunMeasure
from measures import background_worker, ticker_busy, ticker_cost, ticker_idle, ticker_peers, ticker_wakes

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

MEASURES = (
    ticker_idle.measure,
    ticker_peers.measure,
    ticker_busy.measure,
    ticker_wakes.measure,
    ticker_cost.measure,
    background_worker.measure,
)


@pytest.mark.parametrize(ARGUMENTS, everyone(*MEASURES))
def test_loop(run_measure: RunMeasure, make_measure: MakeMeasure, contender: str) -> None:
    """Run a loop; its figures are in the extra info, the time says nothing."""
    run_measure(make_measure, contender)


def test_one_thousand_late_ticks(benchmark: "BenchmarkFixture") -> None:
    """Time ticks that never sleep."""
    from windlass import Ticker

    ticker = Ticker(1e-9, missed="burst", max_burst=None)
    benchmark(lambda: deque(itertools.islice(ticker, 1_000), maxlen=0))


def test_one_thousand_records(benchmark: "BenchmarkFixture") -> None:
    """Time a histogram."""
    from windlass._core.histogram import Histogram

    histogram, values = Histogram(), list(range(0, 37_000, 37))
    benchmark(histogram.record_all, values)
