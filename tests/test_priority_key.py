"""Priorities compare as Python compares the numbers: exactly, over all of int64 and every finite float."""

import inspect
import math
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from windlass import Priority, PriorityTaskQueue, ThreadPool
from windlass._core.priority_key import priority_key
from windlass.priority import DEFAULT_PRIORITY

LEAST, GREATEST = -(2**63), 2**63 - 1

ints = st.integers(LEAST, GREATEST)
floats = st.floats(allow_nan=False, allow_infinity=False)
# Floats beside ints: where a double has no room for the fraction, or not even for the units.
neighbours = st.builds(math.nextafter, ints.map(float), st.sampled_from([-math.inf, math.inf]))
numbers = st.one_of(ints, floats, neighbours, st.integers(-3, 3), st.floats(-3, 3))


@given(numbers, numbers)
@example(2**53, 2**53 + 1)
@example(float(2**53), 2**53 + 1)
@example(GREATEST, float(2**63))
@example(GREATEST, math.nextafter(2.0**63, 0))
@example(LEAST, float(LEAST))
@example(LEAST, math.nextafter(-(2.0**63), -math.inf))
@example(0.0, -0.0)
@example(0, -0.0)
@example(5e-324, 0)
@example(-5e-324, 0)
@example(-5e-324, 5e-324)
@example(-0.25, -0.75)
@example(sys.float_info.max, GREATEST)
@example(-sys.float_info.max, LEAST)
def test_keys_compare_like_the_numbers(first: float, second: float) -> None:
    left, right = priority_key(first), priority_key(second)
    assert (left < right) == (first < second)
    assert (left == right) == (first == second)
    assert (left > right) == (first > second)


@given(numbers)
def test_key_fits_two_words(number: float) -> None:
    assert all(LEAST <= half <= GREATEST for half in priority_key(number))


@given(ints)
def test_int_is_its_own_key(number: int) -> None:
    assert priority_key(number) == (number, 0)


class Index:
    def __init__(self, value: object) -> None:
        self.value = value

    def __index__(self) -> object:  # deliberately too wide: the tests return nonsense
        return self.value() if callable(self.value) else self.value


class Loud(float):
    """A float that says something else when asked."""

    def __float__(self) -> float:
        return 99.0


@pytest.mark.parametrize(
    ("priority", "same_as"),
    [(True, 1), (False, 0), (Priority.HIGH, 5), (Index(7), 7), (Index(LEAST), LEAST), (Loud(2.5), 2.5)],
    ids=["true", "false", "enum", "index", "least index", "float subclass"],
)
def test_key_of_what_counts_as_a_number(priority: object, same_as: float) -> None:
    assert priority_key(priority) == priority_key(same_as)


def recursion_of_one() -> Index:
    """Return an object whose ``__index__`` returns the object."""
    endless = Index(None)
    endless.value = lambda: endless
    return endless


def raise_lookup_error() -> int:
    raise LookupError("no index today")


BAD: list[tuple[Callable[[], object], type[Exception]]] = [
    (lambda: math.nan, ValueError),
    (lambda: math.inf, ValueError),
    (lambda: -math.inf, ValueError),
    (lambda: GREATEST + 1, OverflowError),
    (lambda: LEAST - 1, OverflowError),
    (lambda: 10**400, OverflowError),
    (lambda: Index(2**64), OverflowError),
    (lambda: None, TypeError),
    (lambda: "1", TypeError),
    (lambda: b"1", TypeError),
    (lambda: Decimal(1), TypeError),
    (lambda: Fraction(1), TypeError),
    (lambda: 1j, TypeError),
    (lambda: object(), TypeError),
    (lambda: Index, TypeError),  # the class, not an instance
    (lambda: Index(1.5), TypeError),
    (lambda: Index("1"), TypeError),
    (recursion_of_one, TypeError),
    (lambda: Index(raise_lookup_error), LookupError),
]
NAMES = ["nan", "inf", "-inf", "2**63", "-2**63-1", "10**400", "index 2**64", "None", "str", "bytes", "Decimal"]
NAMES += ["Fraction", "complex", "object", "class", "index float", "index str", "index itself", "index raises"]


@pytest.mark.parametrize(("make", "error"), BAD, ids=NAMES)
def test_bad_priority_is_an_error_and_changes_nothing(make: Callable[[], object], error: type[Exception]) -> None:
    with pytest.raises(error):
        priority_key(make())
    queue = PriorityTaskQueue(1)
    with pytest.raises(error):
        queue.put("refused", make())
    with pytest.raises(error):
        queue.put_nowait("refused", make())
    queue.put("kept", 3)
    with pytest.raises(error):
        queue.reprioritise("kept", make())
    with pytest.raises(error):
        queue.put("refused, although full", make(), 0)
    assert (queue.qsize(), queue.unfinished_tasks) == (1, 1)
    assert queue.get_nowait() == "kept"
    queue.task_done()
    assert queue.join(10)


@given(st.lists(numbers, max_size=200))
def test_queue_sorts_mixed_numbers_as_python_does(priorities: list[float]) -> None:
    queue = PriorityTaskQueue()
    for position, priority in enumerate(priorities):
        queue.put((priority, position), priority)
    came = [queue.get_nowait() for _ in priorities]
    assert came == sorted(came)  # position second: first in, first out among equals


@pytest.mark.parametrize(
    "call", [PriorityTaskQueue.put, PriorityTaskQueue.put_nowait, ThreadPool.map, ThreadPool.submit_many]
)
def test_signature_tells_the_default_priority(call: Any) -> None:
    assert inspect.signature(call).parameters["priority"].default == DEFAULT_PRIORITY == Priority.NORMAL
