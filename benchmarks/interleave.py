"""What a measure is made of, and one round of one of its contenders.

What is equal for all contenders of a measure: the arguments, the loop, a full garbage collection before the clock
starts, and the collector left on, with its default thresholds, while it runs. How the rounds of several contenders
are interleaved is told in ``contest``.
"""

import gc
import math
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

Figures = Mapping[str, float]

SUBJECT = "windlass"  # the contender that every row compares with its peer
BUCKETS_PER_DOUBLING = 4  # of the histograms that samples are kept in: steps of 19 %
LEAST_SAMPLE = 2.0**-7  # whatever is smaller, 0 too, counts as this; of a microsecond: 8 ns


@dataclass(frozen=True)
class Trial:
    """One workload made ready: all that must not be timed has been done.

    Attributes:
        run: The workload. Only this is timed.
        figures: Takes what ``run`` returned, checks it, and the nanoseconds it took; returns the figures.
        batches: How often to repeat ``run`` in a round; the round's figure is the median.
        samples: Takes what ``run`` returned; returns every single time behind the figures, by the name of a
            ``Shape`` of the measure, in the shape's unit.
    """

    run: Callable[[], Any]
    figures: Callable[[Any, float], Figures]
    batches: int = 1
    samples: Callable[[Any], Mapping[str, Sequence[float]]] | None = None


class Unavailable(Exception):
    """Raised by a contender that cannot be measured here; its text says why."""


Contender = Callable[[], AbstractContextManager[Trial]]


@dataclass(frozen=True)
class Row:
    """One line of the table: one figure of windlass beside the same figure of one peer.

    Attributes:
        label: What is measured.
        figure: Which of the trial's figures.
        unit: The figure's unit. Smaller is always better.
        peer: The contender compared with, or None for a figure that stands alone.
        goal: The goal in words; empty where there is none.
        least_ratio: The smallest ratio, peer / windlass, that reaches the goal.
        most: The largest figure of windlass that reaches the goal.
    """

    label: str
    figure: str
    unit: str
    peer: str | None
    goal: str = ""
    least_ratio: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Curve:
    """A plot of one figure against the amount of work, a line for each contender.

    Attributes:
        title: What is measured.
        x: What grows, with its unit: "queued tasks".
        unit: The unit of the figures.
        points: The figure's name at each amount of work. A contender without the figure has a gap there.
    """

    title: str
    x: str
    unit: str
    points: Mapping[float, str]


@dataclass(frozen=True)
class Shape:
    """A plot of how single times are distributed, all contenders in one.

    Attributes:
        name: Under which the trial's ``samples`` has them.
        title: What is measured.
        unit: The unit of the samples.
    """

    name: str
    title: str
    unit: str


@dataclass(frozen=True)
class Measure:
    """A workload, everyone who runs it, and the rows it fills.

    Attributes:
        name: A short name, for the command line and the JSON file.
        contenders: By name; windlass is one of them. A row's peer that is none (not installed) stays empty.
        rows: The lines of the table.
        warm_up: Whether to throw a first round away. Measures in fresh processes need none.
        most_rounds: An upper limit on the rounds, for figures that hardly vary but take long.
        time_limit: Seconds that one round of one contender may take; after that it counts as hung.
        curves: Plots of figures against the amount of work.
        shapes: Plots of distributions.
    """

    name: str
    contenders: Mapping[str, Contender]
    rows: Sequence[Row]
    warm_up: bool = True
    most_rounds: int | None = None
    time_limit: float = 60
    curves: Sequence[Curve] = ()
    shapes: Sequence[Shape] = ()


MakeMeasure = Callable[[bool], Measure]  # takes quick: whether small sizes will do
RunMeasure = Callable[[MakeMeasure, str], None]  # the fixture of conftest.py; takes a contender's name too


@dataclass(frozen=True)
class Round:
    """What one round of one contender gave.

    Attributes:
        figures: By name; each is the median of the batches.
        samples: By the name of the shape: how many samples each bucket of a histogram holds.
    """

    figures: Figures
    samples: Mapping[str, Mapping[int, int]]


def run_once(contender: Contender) -> Round:
    """Make one contender ready, run it, check it, put it away."""
    samples: dict[str, Counter[int]] = {}
    with contender() as trial:
        batches = [_run_batch(trial, samples) for _ in range(trial.batches)]
    figures = {figure: statistics.median(batch[figure] for batch in batches) for figure in batches[0]}
    return Round(figures, samples)


def _run_batch(trial: Trial, samples: dict[str, Counter[int]]) -> Figures:
    gc.collect()
    start = time.perf_counter_ns()
    result = trial.run()
    elapsed = time.perf_counter_ns() - start
    if trial.samples is not None:
        for name, values in trial.samples(result).items():
            samples.setdefault(name, Counter()).update(map(bucket, values))
    return trial.figures(result, elapsed)


def bucket(value: float) -> int:
    """Return the number of the bucket that holds ``value``: doublings of 1, in quarters."""
    return math.floor(BUCKETS_PER_DOUBLING * math.log2(max(value, LEAST_SAMPLE)))


def bucket_start(number: int) -> float:
    """Return the smallest value that a bucket holds."""
    return float(2 ** (number / BUCKETS_PER_DOUBLING))


def stand_in(measure: Measure) -> str:
    """Return the peer to put in windlass's place: the ratios that come out are the noise of the method."""
    in_rows = (row.peer for row in measure.rows if row.peer in measure.contenders)
    return next(in_rows, None) or next(name for name in measure.contenders if name != SUBJECT)


def among(measure: Measure, contenders: Sequence[str]) -> Measure:
    """Leave out all contenders but windlass and these, and the rows of those left out."""
    kept = {name: make for name, make in measure.contenders.items() if name == SUBJECT or name in contenders}
    rows = [row for row in measure.rows if row.peer is None or row.peer in kept]
    return replace(measure, contenders=kept, rows=rows)
