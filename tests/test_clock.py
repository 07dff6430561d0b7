"""What a user's timeout becomes: one table for every waiting call, rounding up, and saturation instead of overflow."""

import math
import time
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windlass import PriorityTaskQueue
from windlass._core.clock import deadline_after, monotonic_ns, timeout_to_ns

LARGEST = 2**63 - 1


class Seconds:
    """A number by way of one method only."""

    def __float__(self) -> float:
        return 0.25


class Whole:
    def __index__(self) -> int:
        return 3


class Broken:
    def __float__(self) -> float:
        raise ZeroDivisionError("no number today")


def name(value: object) -> str:
    """Return a short and stable id for a parameter."""
    return f"{type(value).__name__} {value}"[:24].partition(" <")[0]


@pytest.mark.parametrize(
    ("timeout", "nanoseconds"),
    [
        (None, None),
        (0, 0),
        (0.0, 0),
        (-0.0, 0),
        (1, 1_000_000_000),
        (0.5, 500_000_000),
        (True, 1_000_000_000),
        (False, 0),
        (Decimal("0.25"), 250_000_000),
        (Fraction(1, 4), 250_000_000),
        (Fraction(1, 3), 333_333_334),
        (Seconds(), 250_000_000),
        (Whole(), 3_000_000_000),
        (1e-9, 1),
        (1e-12, 1),
        (5e-324, 1),
        (1.5e-9, 2),
        (9.0e9, 9_000_000_000_000_000_000),
        (1e10, None),
        (1e300, None),
        (2**63, None),
        (10**400, None),
        (Fraction(10**400), None),
        (Decimal("1e400"), None),
        (math.inf, None),
        (Decimal("Infinity"), None),
    ],
    ids=name,
)
def test_timeout_becomes_nanoseconds(timeout: object, nanoseconds: int | None) -> None:
    assert timeout_to_ns(timeout) == nanoseconds
    assert timeout_to_ns(timeout, negative_ok=True) == nanoseconds


@pytest.mark.parametrize("timeout", [-1, -1e-300, -5e-324, -math.inf, -(2**63), -(10**400), Fraction(-1, 3)], ids=name)
def test_negative_timeout_is_an_error_or_at_once(timeout: object) -> None:
    with pytest.raises(ValueError, match="non-negative"):
        timeout_to_ns(timeout)
    assert timeout_to_ns(timeout, negative_ok=True) == 0


@pytest.mark.parametrize("timeout", [math.nan, Decimal("NaN")], ids=name)
def test_nan_timeout_is_an_error(timeout: object) -> None:
    for negative_ok in (False, True):
        with pytest.raises(ValueError, match="NaN"):
            timeout_to_ns(timeout, negative_ok=negative_ok)


@pytest.mark.parametrize("timeout", ["1", b"1", "", [], 1j, object(), int], ids=name)
def test_timeout_that_is_no_number_is_a_type_error_that_names_the_type(timeout: object) -> None:
    with pytest.raises(TypeError, match=f"not {type(timeout).__name__}$"):
        timeout_to_ns(timeout)


def test_error_of_the_timeout_itself_comes_through() -> None:
    with pytest.raises(ZeroDivisionError, match="no number today"):
        timeout_to_ns(Broken())


@given(st.floats(min_value=0, max_value=1e6))
def test_conversion_rounds_up_to_the_next_nanosecond(seconds: float) -> None:
    exact = Fraction(seconds) * 10**9
    converted = timeout_to_ns(seconds)
    assert converted is not None
    # Below, at most the rounding error of one multiplication: 53 bits.
    assert exact * (1 - Fraction(1, 2**52)) <= converted <= exact * (1 + Fraction(1, 2**52)) + 1


@given(st.one_of(st.integers(), st.floats(allow_nan=False), st.fractions(), st.decimals(allow_nan=False)))
def test_conversion_stays_within_its_range_for_every_number(number: object) -> None:
    converted = timeout_to_ns(number, negative_ok=True)
    assert converted is None or 0 <= converted < LARGEST


@given(st.lists(st.floats(min_value=0, max_value=1e12), min_size=2, max_size=2))
def test_conversion_keeps_the_order(pair: list[float]) -> None:
    short, long = (LARGEST if (ns := timeout_to_ns(seconds)) is None else ns for seconds in sorted(pair))
    assert short <= long


def test_deadlines_saturate() -> None:
    assert deadline_after(LARGEST) is None
    assert deadline_after(LARGEST - 1) is None  # now + that is beyond 64 bits
    assert deadline_after(LARGEST - monotonic_ns() - 3600 * 10**9) is not None
    before = monotonic_ns()
    deadline = deadline_after(10**9)
    assert deadline is not None
    assert before + 10**9 <= deadline <= monotonic_ns() + 10**9


def test_clock_is_the_monotonic_clock_of_the_system() -> None:
    before, ours, after = time.monotonic_ns(), monotonic_ns(), time.monotonic_ns()
    assert before <= ours <= after
    readings = [monotonic_ns() for _ in range(10_000)]
    assert readings == sorted(readings)


# ---- The waiting calls of the queue keep to the table, whether they have to wait or not. ----


@pytest.mark.parametrize(
    ("timeout", "error"),
    [(-1, ValueError), (-math.inf, ValueError), (math.nan, ValueError), ("1", TypeError), ([], TypeError)],
    ids=name,
)
def test_queue_refuses_bad_timeouts_in_every_call(timeout: object, error: type[Exception]) -> None:
    queue = PriorityTaskQueue(1)
    with pytest.raises(error):
        queue.get(timeout)
    for _ in ("with room", "full"):
        with pytest.raises(error):
            queue.put("refused", 1, timeout)
        with pytest.raises(error):
            queue.join(timeout)
        if queue.empty():
            queue.put("kept")
    with pytest.raises(error):
        queue.get(timeout)
    assert queue.clear() == ["kept"]
    assert queue.unfinished_tasks == 0


@pytest.mark.parametrize("timeout", [None, math.inf, 1e10, 1e300, 2**63, 10**400, Fraction(10**400)], ids=name)
def test_queue_takes_huge_timeouts_as_no_limit(timeout: object) -> None:
    queue = PriorityTaskQueue(1)
    queue.put("item", 1, timeout)
    assert queue.get(timeout) == "item"
    queue.task_done()
    assert queue.join(timeout)
