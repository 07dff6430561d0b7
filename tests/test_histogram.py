"""The histogram: what is exact, how inexact the rest may be, and many threads at one."""

import math
import random
import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windlass._core.histogram import Histogram

VALUES = st.one_of(st.integers(0, 200), st.integers(0, 2**40), st.integers(0, 2**63 - 1))


def filled(values: list[int]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    return histogram


def test_empty_one_knows_nothing() -> None:
    empty = Histogram()
    assert (empty.count, empty.minimum, empty.maximum, empty.mean) == (0, None, None, None)
    assert empty.percentiles(0, 50, 100) == (None, None, None)
    assert empty.buckets() == []


@given(st.lists(VALUES, min_size=1), st.floats(0, 100))
def test_percentile_is_never_below_and_at_most_a_bucket_above(values: list[int], percent: float) -> None:
    histogram = filled(values)
    rank = max(1, math.ceil(percent * len(values) / 100))
    true = sorted(values)[rank - 1]
    found = histogram.percentile(percent)
    assert found is not None
    assert true <= found <= max(values)
    if true < 2**42:
        assert found - true <= true / 32
    if true < 64:
        assert found == true


@given(st.lists(VALUES, min_size=1))
def test_count_minimum_maximum_and_mean_are_exact(values: list[int]) -> None:
    histogram = filled(values)
    assert (histogram.count, histogram.minimum, histogram.maximum) == (len(values), min(values), max(values))
    assert histogram.mean == pytest.approx(sum(values) / len(values))
    assert (histogram.percentile(0), histogram.percentile(100)) == (min(values), max(values))


@given(st.lists(VALUES))
def test_buckets_hold_everything_in_order(values: list[int]) -> None:
    buckets = filled(values).buckets()
    assert sum(count for _, _, count in buckets) == len(values)
    for value in values:
        assert sum(low <= value <= high for low, high, _ in buckets) == 1
    edges = [edge for low, high, _ in buckets for edge in (low, high)]
    assert edges == sorted(edges)


def test_buckets_meet_without_gap_or_overlap() -> None:
    """Each power of two and its neighbours fall into a bucket of their own size."""
    for bits in range(6, 43):
        (below, _, _), (low, high, _) = filled([2**bits - 1, 2**bits]).buckets()
        assert low == 2**bits > below
        assert high + 1 == (low + 2 ** (bits - 5) if bits < 42 else 2**63)


@given(st.lists(VALUES), st.lists(VALUES))
def test_merge_is_as_if_recorded_in_one(first: list[int], second: list[int]) -> None:
    merged = filled(first)
    merged.merge(filled(second))
    both = filled(first + second)
    assert merged.buckets() == both.buckets()
    assert (merged.count, merged.minimum, merged.maximum) == (both.count, both.minimum, both.maximum)


def test_merge_with_itself_doubles() -> None:
    histogram = filled([1, 2])
    histogram.merge(histogram)
    assert histogram.buckets() == [(1, 1, 2), (2, 2, 2)]


def test_snapshot_stands_still() -> None:
    histogram = filled([5])
    snapshot = histogram.snapshot()
    histogram.record(7)
    assert (snapshot.count, snapshot.maximum) == (1, 5)
    assert histogram.count == 2


def test_reset_forgets() -> None:
    histogram = filled([5, 10**12])
    histogram.reset()
    assert (histogram.count, histogram.minimum, histogram.buckets()) == (0, None, [])
    histogram.record(3)
    assert (histogram.minimum, histogram.maximum) == (3, 3)


@pytest.mark.parametrize("percent", [-0.1, 100.1, math.nan, math.inf])
def test_percentile_out_of_range_is_refused(percent: float) -> None:
    with pytest.raises(ValueError, match="percent must be between 0 and 100"):
        filled([1]).percentile(percent)
    with pytest.raises(ValueError, match="percent"):
        Histogram().percentile(percent)


@pytest.mark.parametrize(
    ("value", "error"),
    [(-1, ValueError), (2**63, OverflowError), (1.5, TypeError), ("1", TypeError), (None, TypeError)],
)
def test_what_is_no_such_number_is_refused(value: object, error: type[Exception]) -> None:
    histogram = Histogram()
    with pytest.raises(error):
        histogram.record(value)  # type: ignore[arg-type]
    assert histogram.count == 0


def test_record_all_stops_at_what_is_refused() -> None:
    histogram = Histogram()
    histogram.record_all(range(100))
    assert histogram.buckets() == filled(list(range(100))).buckets()
    with pytest.raises(ValueError, match="value must be 0 or more"):
        histogram.record_all([1, 2, -3, 4])
    assert histogram.count == 102


def test_merge_takes_histograms_only() -> None:
    with pytest.raises(TypeError):
        Histogram().merge([1])  # type: ignore[arg-type]


@pytest.mark.stress
def test_snapshots_that_reset_lose_and_double_nothing() -> None:
    """A writer and readers that take turns in emptying it: what they took adds up to what was written."""
    seed = random.randrange(2**32)
    print("seed", seed)
    numbers = random.Random(seed).choices(range(10**6), k=50_000)
    histogram, taken, done = Histogram(), Histogram(), threading.Event()
    torn: list[str] = []

    def write() -> None:
        for number in numbers:
            histogram.record(number)
        done.set()

    def read() -> None:
        while not done.is_set():
            part = histogram.snapshot(reset=True)
            if sum(count for _, _, count in part.buckets()) != part.count:
                torn.append(repr(part))
            taken.merge(part)

    run_all(write, read, read)
    taken.merge(histogram)
    assert torn == []
    assert (taken.count, taken.minimum, taken.maximum) == (len(numbers), min(numbers), max(numbers))


def run_all(*bodies: Callable[[], None]) -> None:
    threads = [threading.Thread(target=body, daemon=True) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
