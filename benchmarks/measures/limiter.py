"""What a limit costs a call that finds a free slot, beside ``threading.Semaphore`` around the same call."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from contenders import identity
from interleave import SUBJECT, Figures, Measure, Row, Trial

SEMAPHORE = "threading.Semaphore"


def measure(quick: bool) -> Measure:
    """Measure uncontended calls of a function under a blocking Limiter."""
    calls = 10_000 if quick else 200_000
    return Measure(
        "limiter",
        {SUBJECT: partial(_trial, _limited, calls), SEMAPHORE: partial(_trial, _with_semaphore, calls)},
        [Row("call under a Limiter, uncontended", "each", "ns", SEMAPHORE, goal="not slower", least_ratio=1)],
    )


def _limited() -> Callable[[int], int]:
    from windlass import Limiter

    return Limiter(2)(identity)


def _with_semaphore() -> Callable[[int], int]:
    semaphore = threading.Semaphore(2)

    def call(value: int) -> int:
        with semaphore:
            return identity(value)

    return call


@contextmanager
def _trial(make: Callable[[], Callable[[int], int]], calls: int) -> Iterator[Trial]:
    yield Trial(partial(_run, make(), calls), partial(_figures, calls))


def _run(call: Callable[[int], int], calls: int) -> int:
    total = 0
    for value in range(calls):
        total += call(value)
    return total


def _figures(calls: int, total: int, elapsed: float) -> Figures:
    assert total == calls * (calls - 1) // 2
    return {"each": elapsed / calls}
