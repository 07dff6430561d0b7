"""Calls of a ``@Threaded`` function beside a thread for each call, and beside the decorators of others."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from time import perf_counter_ns
from typing import Any

import rivals
from contenders import identity
from interleave import SUBJECT, Contender, Figures, Measure, Row, Trial

GOALS = {"threading.Thread each": 10.0}  # least ratios
CALLS = 1_000

Wait = Callable[[], Any]
Start = Callable[[int], Wait]  # starts a call; what it returns waits for its value
MakeStart = Callable[[Callable[[int], int]], AbstractContextManager[Start]]  # takes the function to decorate


def measure(quick: bool) -> Measure:
    """Measure calls one at a time, and 1 000 calls whose values are collected at the end."""
    calls = 200 if quick else CALLS
    makers: dict[str, MakeStart] = {SUBJECT: _threaded, **{n: way.open for n, way in rivals.ways("decorated").items()}}
    contenders: dict[str, Contender] = {name: partial(_trial, make, calls) for name, make in makers.items()}
    rows = []
    for peer in rivals.contenders("decorated"):
        ratio = GOALS.get(peer)
        goal = f"{ratio:g}x faster" if ratio else ""
        rows.append(Row("call of a @Threaded function and its result", "one", "us", peer, goal, ratio))
        rows.append(Row("1 000 such calls, then the results, each", "many", "us", peer, goal, ratio))
    return Measure("threaded", contenders, rows)


@contextmanager
def _threaded(fn: Callable[[int], int]) -> Iterator[Start]:
    from windlass import Threaded

    threaded = Threaded(fn)
    yield lambda value: threaded(value).result


@contextmanager
def _trial(make: MakeStart, calls: int) -> Iterator[Trial]:
    with make(identity) as start:
        assert start(1)() == 1
        yield Trial(partial(_run, start, calls), partial(_figures, calls))


def _run(start: Start, calls: int) -> tuple[int, int]:
    begin = perf_counter_ns()
    for value in range(calls):
        assert start(value)() == value
    middle = perf_counter_ns()
    waits = [start(value) for value in range(calls)]
    assert [wait() for wait in waits] == list(range(calls))
    return middle - begin, perf_counter_ns() - middle


def _figures(calls: int, durations: tuple[int, int], _elapsed: float) -> Figures:
    one, many = durations
    return {"one": one / calls / 1e3, "many": many / calls / 1e3}
