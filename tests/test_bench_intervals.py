"""What the benchmarks claim of a ratio: no win whose interval crosses 1."""

import math
import random

import pytest

import bench_suite  # noqa: F401 - makes the next import possible
from intervals import BETTER, OPEN, TOO_FEW, WORSE, Interval, Spread, claim, confidence


@pytest.mark.parametrize(
    ("ratios", "expected"),
    [
        ([1.1, 1.2, 1.3, 1.4, 1.5, 1.6], BETTER),
        ([0.9, 0.8, 0.7, 0.6, 0.5], WORSE),
        ([9.0, 9.0, 9.0, 9.0, 9.0, 0.99], OPEN),  # one round of six against it is enough
        ([1.0, 2.0, 2.0, 2.0, 2.0, 2.0], OPEN),  # 1 itself is no win
        ([2.0, 2.0, 2.0, 2.0], TOO_FEW),
        ([2.0], TOO_FEW),
        ([math.inf] * 5, BETTER),  # windlass did without
    ],
)
def test_claim(ratios: list[float], expected: str) -> None:
    assert claim(ratios) == expected
    assert claim(ratios[::-1]) == expected


def test_claim_survives_some_bad_rounds_of_many() -> None:
    assert claim([2.0] * 12 + [0.5] * 3) == BETTER
    assert claim([2.0] * 11 + [0.5] * 4) == OPEN


@pytest.mark.parametrize(
    ("count", "rank", "expected"), [(1, 1, 0.0), (2, 1, 0.5), (5, 1, 0.9375), (6, 1, 0.96875), (9, 2, 0.9609375)]
)
def test_confidence_is_that_of_coin_tosses(count: int, rank: int, expected: float) -> None:
    assert confidence(count, rank) == expected


def test_interval_is_the_narrowest_that_is_sure_enough() -> None:
    for count in range(6, 60):
        values = list(map(float, range(count)))
        interval = Interval.of(values)
        rank = round(interval.low) + 1
        assert interval.high == count - rank
        assert confidence(count, rank) == interval.confidence >= 0.95
        assert rank >= (count + 1) // 2 or confidence(count, rank + 1) < 0.95


def test_interval_holds_the_median_as_often_as_it_says() -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    numbers = random.Random(seed)
    intervals = [Interval.of([numbers.lognormvariate(0, 1) for _ in range(7)]) for _ in range(2_000)]
    held = sum(interval.low <= 1 <= interval.high for interval in intervals)
    assert held / len(intervals) > 0.97  # 0.984 is promised; 0.97 is five deviations below


def test_spread() -> None:
    assert Spread.of([3.0]) == Spread(3.0, 3.0, 3.0, 3.0, 3.0)
    assert Spread.of([1.0, 2.0, 3.0, 4.0, 5.0]) == Spread(3.0, 2.0, 4.0, 1.0, 5.0)
