"""What a worker has done since its last start, and how punctually."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from windlass._core.histogram import Histogram
from windlass.ticker_statistics import Distribution, distribution

if TYPE_CHECKING:
    from windlass.workers.shift import Shift


@dataclass(frozen=True, slots=True)
class WorkerStatistics:
    """A worker's counts and times since its last start. What its kind does not measure has a count of 0.

    Attributes:
        ticks: Runs begun.
        missed: Releases of the interval that were not run.
        overruns: Runs longer than ``budget``, or else than the interval.
        deadline_misses: Runs that ended later than ``deadline``, or else the interval, after their release.
        errors: Runs that raised.
        stuck: Runs that the watchdog found too long.
        lateness: Start minus release. Of a delay the release is its end, of an event worker the trigger.
        period_jitter: By how much the time between two starts differed from that between their releases.
        run_time: How long the function ran.
        gil_wait: How long the thread waited for the GIL before a tick of its interval.
    """

    ticks: int
    missed: int
    overruns: int
    deadline_misses: int
    errors: int
    stuck: int
    lateness: Distribution
    period_jitter: Distribution
    run_time: Distribution
    gil_wait: Distribution


@dataclass(frozen=True, slots=True)
class LateTick:
    """What ``on_miss``, ``on_overrun`` and ``on_stuck`` are told. Times are in seconds.

    Attributes:
        worker_name: Whose run.
        number: Which run, counted from 1.
        lateness: Its start minus its release.
        run_time: How long it ran, or has run so far.
        limit: The deadline, budget or watchdog time that it exceeded.
        count: How many such runs there were since the last call; this is the latest of them.
    """

    worker_name: str
    number: int
    lateness: float
    run_time: float
    limit: float
    count: int = 1


def statistics_of(shift: "Shift", reset: bool) -> WorkerStatistics:
    """Sum up a shift.

    Thread safety:
        Safe on shared objects: each figure is of one moment.
    """
    ticker = shift.ticker

    def ticked(name: str, otherwise: Histogram) -> Distribution:
        if ticker is None:
            return distribution(otherwise.snapshot(reset=reset))
        return distribution(ticker.histogram(name, reset=reset))

    return WorkerStatistics(
        ticks=shift.runs,
        missed=0 if ticker is None else ticker.total_missed,
        overruns=shift.overruns.count,
        deadline_misses=shift.missed_deadlines.count,
        errors=shift.errors,
        stuck=0 if shift.overseer is None else shift.overseer.stuck,
        lateness=ticked("lateness", shift.lateness),
        period_jitter=ticked("period_jitter", Histogram()),
        run_time=distribution(shift.run_time.snapshot(reset=reset)),
        gil_wait=ticked("gil_wait", Histogram()),
    )
