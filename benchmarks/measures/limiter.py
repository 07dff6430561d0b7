"""What a limit costs a call that finds a free slot, beside semaphores around the same call."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

import rivals
from contenders import identity
from interleave import SUBJECT, Figures, Measure, Row, Trial

SLOTS = 2
GOALS = {"threading.Semaphore": 1.0}  # least ratios

Call = Callable[[int], int]
Open = Callable[[int, Call], AbstractContextManager[Call]]  # takes the slots and the function to limit


def measure(quick: bool) -> Measure:
    """Measure uncontended calls of a function under a blocking Limiter."""
    calls = 10_000 if quick else 200_000
    ways: dict[str, Open] = {SUBJECT: _limited, **{name: way.open for name, way in rivals.ways("limiter").items()}}
    rows = []
    for peer in rivals.contenders("limiter"):
        ratio = GOALS.get(peer)
        rows.append(Row("call under a Limiter, uncontended", "each", "ns", peer, "not slower" if ratio else "", ratio))
    return Measure("limiter", {name: partial(_trial, open_way, calls) for name, open_way in ways.items()}, rows)


@contextmanager
def _limited(slots: int, fn: Call) -> Iterator[Call]:
    from windlass import Limiter

    yield Limiter(slots)(fn)


@contextmanager
def _trial(open_way: Open, calls: int) -> Iterator[Trial]:
    with open_way(SLOTS, identity) as call:
        yield Trial(partial(_run, call, calls), partial(_figures, calls))


def _run(call: Callable[[int], int], calls: int) -> int:
    total = 0
    for value in range(calls):
        total += call(value)
    return total


def _figures(calls: int, total: int, elapsed: float) -> Figures:
    assert total == calls * (calls - 1) // 2
    return {"each": elapsed / calls}
