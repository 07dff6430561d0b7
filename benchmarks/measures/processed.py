"""Calls of a ``@Processed`` function beside ``ProcessPoolExecutor.submit``, and beside pebble's decorator."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from importlib.util import find_spec
from time import perf_counter_ns
from typing import Any

from contenders import identity
from interleave import SUBJECT, Contender, Figures, Measure, Row, Trial
from windlass import Processed

EXECUTOR = "ProcessPoolExecutor.submit"
PEBBLE = "pebble @concurrent.process(pool)"
CALLS = 1_000
WORKERS = 2

Wait = Callable[[], Any]
Start = Callable[[int], Wait]  # starts a call; what it returns waits for its value
MakeStart = Callable[[], AbstractContextManager[Start]]


@Processed(pool_name="measures.processed", _pool_max_workers=WORKERS)
def same(value: int) -> int:
    """Return the argument, from another process."""
    return value


def measure(quick: bool) -> Measure:
    """Measure calls one at a time, and 1 000 calls whose values are collected at the end."""
    calls = 100 if quick else CALLS
    makers = {SUBJECT: _processed, EXECUTOR: _executor}
    if find_spec("pebble"):
        makers[PEBBLE] = _pebble
    contenders: dict[str, Contender] = {name: partial(_trial, make, calls) for name, make in makers.items()}
    rows = []
    for peer in makers:
        if peer != SUBJECT:
            rows.append(Row("call of a @Processed function and its result", "one", "us", peer))
            rows.append(Row("1 000 such calls, then the results, each", "many", "us", peer))
    return Measure("processed", contenders, rows)


@contextmanager
def _processed() -> Iterator[Start]:
    yield lambda value: same(value).result


@contextmanager
def _executor() -> Iterator[Start]:
    # As many workers, started in the same way.
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("forkserver")) as executor:
        yield lambda value: executor.submit(identity, value).result


@contextmanager
def _pebble() -> Iterator[Start]:
    from pebble import ProcessPool, concurrent

    with ProcessPool(WORKERS, context=multiprocessing.get_context("forkserver")) as pool:
        decorated = concurrent.process(pool=pool)(identity)
        yield lambda value: decorated(value).result


@contextmanager
def _trial(make: MakeStart, calls: int) -> Iterator[Trial]:
    with make() as start:
        for wait in [start(value) for value in range(8)]:  # both workers are there
            wait()
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
