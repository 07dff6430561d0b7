"""Calls of a ``@Threaded`` function beside a thread for each call, and beside pebble's decorator."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from importlib.util import find_spec
from time import perf_counter_ns
from typing import Any

from contenders import identity
from interleave import SUBJECT, Contender, Figures, Measure, Row, Trial

THREAD = "threading.Thread each"
PEBBLE = "pebble @concurrent.thread"
PEBBLE_POOL = "pebble @concurrent.thread(pool)"
CALLS = 1_000

Wait = Callable[[], Any]
Start = Callable[[int], Wait]  # starts a call; what it returns waits for its value
MakeStart = Callable[[], AbstractContextManager[Start]]


def measure(quick: bool) -> Measure:
    """Measure calls one at a time, and 1 000 calls whose values are collected at the end."""
    calls = 200 if quick else CALLS
    makers = {SUBJECT: _threaded, THREAD: _thread_each, **_pebble()}
    contenders: dict[str, Contender] = {name: partial(_trial, make, calls) for name, make in makers.items()}
    rows = []
    for peer, ratio in ((THREAD, 10.0), (PEBBLE, None), (PEBBLE_POOL, None)):
        if peer in contenders:  # pebble may be missing
            goal = f"{ratio:g}x faster" if ratio else ""
            rows.append(Row("call of a @Threaded function and its result", "one", "us", peer, goal, ratio))
            rows.append(Row("1 000 such calls, then the results, each", "many", "us", peer, goal, ratio))
    return Measure("threaded", contenders, rows)


@contextmanager
def _threaded() -> Iterator[Start]:
    from windlass import Threaded

    threaded = Threaded(identity)
    yield lambda value: threaded(value).result


@contextmanager
def _thread_each() -> Iterator[Start]:
    def start(value: int) -> Wait:
        values: list[int] = []
        thread = threading.Thread(target=lambda: values.append(identity(value)))
        thread.start()

        def wait() -> int:
            thread.join()
            return values[0]

        return wait

    yield start


@contextmanager
def _pebble_thread() -> Iterator[Start]:
    from pebble import concurrent

    decorated = concurrent.thread(identity)
    yield lambda value: decorated(value).result


@contextmanager
def _pebble_pool() -> Iterator[Start]:
    from pebble import ThreadPool, concurrent

    with ThreadPool(2) as pool:
        decorated = concurrent.thread(pool=pool)(identity)
        yield lambda value: decorated(value).result


def _pebble() -> dict[str, MakeStart]:
    return {PEBBLE: _pebble_thread, PEBBLE_POOL: _pebble_pool} if find_spec("pebble") else {}


@contextmanager
def _trial(make: MakeStart, calls: int) -> Iterator[Trial]:
    with make() as start:
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
