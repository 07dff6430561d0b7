"""Measure windlass and its peers round by round, so that both see the same machine.

A machine's speed drifts (frequency, neighbours on a shared host, memory layout). Two runs one after the other
compare two machines. Here every round runs all contenders, in an order that is reversed from round to round,
and a ratio is only ever taken between figures of one round.

What is equal for all contenders of a measure: the process, the arguments, the loop, a full garbage collection
before the clock starts, and the collector left on, with its default thresholds, while it runs. One whole
round is thrown away as warm-up.
"""

import faulthandler
import gc
import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

Figures = Mapping[str, float]

SUBJECT = "windlass"  # the contender that every row compares with its peer
STUCK_AFTER = 300  # seconds; one run of one contender takes a few at most


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
class Spread:
    """The median of some numbers and how far they lie apart."""

    median: float
    low: float  # first quartile
    high: float  # third quartile
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Summarise ``values``, of which there is at least one."""
        low, high = values[0], values[0]
        if len(values) > 1:
            low, _, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(statistics.median(values), low, high, min(values), max(values))


@dataclass
class Outcome:
    """Every figure of every round of one measure."""

    measure: Measure
    rounds: dict[str, list[Figures]] = field(default_factory=dict)

    def values(self, contender: str, figure: str) -> list[float]:
        """Return one figure of one contender, round by round."""
        return [figures[figure] for figures in self.rounds.get(contender, []) if figure in figures]

    def ratios(self, row: Row) -> list[float]:
        """Return peer / windlass, round by round; above 1 windlass is the better one."""
        if row.peer is None:
            return []
        mine, theirs = self.values(SUBJECT, row.figure), self.values(row.peer, row.figure)
        if not theirs:  # not installed, or it cannot be measured here
            return []
        return [_ratio(peer, own) for own, peer in zip(mine, theirs, strict=True)]

    def verdict(self, row: Row) -> str:
        """Say whether the goal is reached: yes, no, or "within spread": only the upper quartile does."""
        if row.most is not None:
            return "yes" if Spread.of(self.values(SUBJECT, row.figure)).median <= row.most else "no"
        if row.least_ratio is None or not self.ratios(row):
            return ""
        spread = Spread.of(self.ratios(row))
        if spread.median >= row.least_ratio:
            return "yes"
        return "within spread" if spread.high >= row.least_ratio else "no"


def _ratio(peer: float, own: float) -> float:
    if own:
        return peer / own
    return math.inf if peer else 1.0


def run(measure: Measure, rounds: int) -> Outcome:
    """Run all contenders of ``measure`` side by side.

    Args:
        measure: What to run.
        rounds: How many rounds count; the warm-up round comes on top.

    Returns:
        The figures of every counted round.

    Raises:
        AssertionError: A contender returned wrong results.
    """
    outcome = Outcome(measure, {name: [] for name in measure.contenders})
    for name in measure.contenders if measure.warm_up else ():
        run_once(measure.contenders[name])
    for order in _orders(list(measure.contenders), min(rounds, measure.most_rounds or rounds)):
        for name in order:
            outcome.rounds[name].append(run_once(measure.contenders[name]))
    return outcome


def run_once(contender: Contender) -> Figures:
    """Make one contender ready, run it, check it, put it away. Exit with all tracebacks if it gets stuck."""
    faulthandler.dump_traceback_later(STUCK_AFTER, exit=True)
    try:
        with contender() as trial:
            batches = [_run_batch(trial) for _ in range(trial.batches)]
    finally:
        faulthandler.cancel_dump_traceback_later()
    return {figure: statistics.median(batch[figure] for batch in batches) for figure in batches[0]}


def _run_batch(trial: Trial) -> Figures:
    gc.collect()
    start = time.perf_counter_ns()
    result = trial.run()
    elapsed = time.perf_counter_ns() - start
    return trial.figures(result, elapsed)


def _orders(names: list[str], rounds: int) -> Iterator[list[str]]:
    for round_number in range(rounds):
        yield names if round_number % 2 == 0 else names[::-1]


def against_itself(measure: Measure) -> Measure:
    """Put the first row's peer in windlass's place: the ratios that come out are the noise of the method."""
    peer = measure.rows[0].peer or next(name for name in measure.contenders if name != SUBJECT)
    return replace(measure, contenders={**measure.contenders, SUBJECT: measure.contenders[peer]})
