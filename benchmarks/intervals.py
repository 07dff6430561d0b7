"""How sure a median is, and what may be said of a ratio.

The interval is that of the sign test, made of order statistics: the median of whatever the rounds are drawn from lies
between the k-th smallest and the k-th greatest of n values with a probability that follows from coin tosses alone. It
needs no normal distribution, no resampling and no seed.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

WANTED = 0.95  # confidence of an interval, where the rounds are enough for it: six
NEEDED = 0.90  # below this nothing is claimed: fewer than five rounds

BETTER, WORSE, OPEN, TOO_FEW = "better", "worse", "no clear difference", "too few rounds"


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


@dataclass(frozen=True)
class Interval:
    """Between which values a median lies, and with what probability."""

    low: float
    high: float
    confidence: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Interval":
        """Return the narrowest interval of order statistics that has the confidence wanted, else the widest."""
        ordered, count = sorted(values), len(values)
        rank = 1
        while rank < (count + 1) // 2 and confidence(count, rank + 1) >= WANTED:
            rank += 1
        return cls(ordered[rank - 1], ordered[count - rank], confidence(count, rank))


def confidence(count: int, rank: int) -> float:
    """Return how probable it is that a median lies between the rank-th smallest and greatest of ``count`` values."""
    return max(0.0, 1 - sum(math.comb(count, below) for below in range(rank)) / 2.0 ** (count - 1))


def claim(ratios: Sequence[float]) -> str:
    """Say what the ratios, peer / windlass, prove of windlass: no win unless the whole interval is above 1."""
    interval = Interval.of(ratios)
    if interval.confidence < NEEDED:
        return TOO_FEW
    if interval.low > 1:
        return BETTER
    return WORSE if interval.high < 1 else OPEN
