"""What a ticker has done so far, and how punctually."""

from dataclasses import dataclass

from windlass._core.histogram import Histogram


@dataclass(frozen=True, slots=True)
class Distribution:
    """How times were distributed, in seconds. Percentiles are at most 3.2 % above the true ones, never below.

    Attributes:
        count: How many times were recorded. While it is 0, all others are None.
        minimum: The shortest.
        mean: Their mean.
        p50: The median.
        p90: Nine of ten are no longer.
        p99: 99 of 100 are no longer.
        p999: 999 of 1 000 are no longer.
        maximum: The longest.
    """

    count: int
    minimum: float | None
    mean: float | None
    p50: float | None
    p90: float | None
    p99: float | None
    p999: float | None
    maximum: float | None


@dataclass(frozen=True, slots=True)
class TickerStatistics:
    """A ticker's counts and times as of one moment.

    Attributes:
        ticks: Releases that were run.
        missed: Releases that were not, because the loop came too late. Not counted: what passed while paused.
        overruns: Runs that took longer than the interval.
        lateness: Start minus release of each tick.
        period_jitter: By how much the time between two starts differed from that between their releases.
        run_time: From each tick's start to the next call of ``wait``.
        gil_wait: How long the thread waited for the GIL before each tick.
    """

    ticks: int
    missed: int
    overruns: int
    lateness: Distribution
    period_jitter: Distribution
    run_time: Distribution
    gil_wait: Distribution


def distribution(times: Histogram) -> Distribution:
    """Sum up a histogram of nanoseconds.

    Thread safety:
        Safe on shared objects: the figures are those of one moment.
    """
    frozen = times.snapshot()
    seconds = [
        None if value is None else value / 1e9
        for value in (frozen.minimum, frozen.mean, *frozen.percentiles(50, 90, 99, 99.9), frozen.maximum)
    ]
    return Distribution(frozen.count, *seconds)
