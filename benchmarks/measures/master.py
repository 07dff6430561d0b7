"""A Master's prepared workers beside the pools of processes that an initializer has prepared."""

import statistics
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from time import perf_counter_ns
from typing import Any

import rivals
from interleave import SUBJECT, Figures, Measure, Row, Trial
from rivals.pools import Function, Prepared
from rivals.stdlib import METHOD
from windlass import Master, Worker

WORKERS = 2
NUMBER = 1  # what the workers are prepared with
GOALS = {"ProcessPoolExecutor": (3, 1)}  # least ratios of the small task and of the round trip

Open = Callable[[int, Function, Any], AbstractContextManager[Prepared]]


class Adder(Worker):
    """Has something prepared."""

    def __init__(self, number: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.number = number

    def run_task(self, argument: Any) -> Any:
        """Use it."""
        return argument + self.number


_number = 0


def prepare(number: int) -> None:
    """Do the same for the peers."""
    global _number
    _number = number


def add_number(argument: Any) -> Any:
    """Use it."""
    return argument + _number


@dataclass(frozen=True)
class Work:
    """How much of each is done in a round."""

    calls: int
    trips: int


def measure(quick: bool) -> Measure:
    """Measure 2 prepared workers: 20 000 small tasks, 500 tasks there and back."""
    work = Work(2_000, 50) if quick else Work(20_000, 500)
    ways: dict[str, Open] = {SUBJECT: _windlass, **{name: way.open for name, way in rivals.ways("prepared").items()}}
    many, one = [], []
    for peer in rivals.contenders("prepared"):
        task, trip = GOALS.get(peer, (None, None))
        many.append(Row("small task of a prepared worker", "task", "ns/task", peer, "3x" if task else "", task))
        one.append(Row("one task, there and back, p50", "trip", "us", peer, "not slower" if trip else "", trip))
    return Measure("master", {name: partial(_trial, open_way, work) for name, open_way in ways.items()}, many + one)


@contextmanager
def _windlass(workers: int, _prepare: Function, number: int) -> Iterator[Prepared]:
    with Master(Adder, start_method=METHOD) as master:
        for _ in range(workers):
            master.add_worker(number=number)
        master.broadcast("run_task", 0)

        def many(_fn: Function, arguments: Any) -> list[Any]:
            return [result for _, result in master.run(source=arguments)]

        yield Prepared(many, lambda fn, argument: many(fn, [argument])[0])


@contextmanager
def _trial(open_way: Open, work: Work) -> Iterator[Trial]:
    with open_way(WORKERS, prepare, NUMBER) as prepared:
        yield Trial(partial(do_all, prepared, work), lambda figures, _elapsed: figures)


def do_all(prepared: Prepared, work: Work) -> Figures:
    """Return the figures of one contender, having checked the results."""
    started = perf_counter_ns()
    results = prepared.many(add_number, range(work.calls))
    task = (perf_counter_ns() - started) / work.calls
    assert sorted(results) == list(range(NUMBER, NUMBER + work.calls)), "results were lost"
    trips = []
    for at in range(work.trips):
        started = perf_counter_ns()
        value = prepared.one(add_number, at)
        trips.append(perf_counter_ns() - started)
        assert value == at + NUMBER
    return {"task": task, "trip": statistics.median(trips) / 1e3}
