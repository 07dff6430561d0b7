"""Pre-initialised workers beside ``ProcessPoolExecutor``: small tasks, each on its own in the API; runs of one."""

import statistics
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from time import perf_counter_ns
from typing import Any

from contenders import WINDLASS
from interleave import Figures, Measure, Row, Trial
from windlass import Master, Worker

WORKERS = 2
PEER = "ProcessPoolExecutor"
METHOD = "forkserver"


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
    """Do the same for the peer."""
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
    """Measure 2 initialised workers: 50 000 small tasks read from an iterator, 500 runs of one task."""
    work = Work(5_000, 50) if quick else Work(50_000, 500)
    return Measure(
        "master",
        {WINDLASS: partial(_windlass, work), PEER: partial(_executor, work)},
        [
            Row("small task of an initialised worker", "task", "ns/task", PEER, "3x", 3),
            Row("run of one task, p50", "trip", "us", PEER, "not slower", 1),
        ],
    )


@contextmanager
def _windlass(work: Work) -> Iterator[Trial]:
    with Master(Adder, start_method=METHOD) as master:
        for _ in range(WORKERS):
            master.add_worker(number=1)
        master.broadcast("run_task", 0)

        def run(numbers: Iterable[int]) -> list[int]:
            return [result for _, result in master.run(source=numbers)]

        yield Trial(lambda: do_all(run, work), _figures)


@contextmanager
def _executor(work: Work) -> Iterator[Trial]:
    context = get_context(METHOD)
    with ProcessPoolExecutor(WORKERS, context, initializer=prepare, initargs=(1,)) as pool:
        list(pool.map(add_number, range(100)))
        yield Trial(lambda: do_all(lambda numbers: list(pool.map(add_number, numbers)), work), _figures)


def do_all(run: Callable[[Iterable[int]], list[int]], work: Work) -> dict[str, float]:
    """Return the figures of one contender, having checked the results."""
    started = perf_counter_ns()
    results = run(range(work.calls))
    figures = {"task": (perf_counter_ns() - started) / work.calls}
    assert sorted(results) == list(range(1, work.calls + 1)), "results were lost"
    trips = []
    for at in range(work.trips):
        started = perf_counter_ns()
        [value] = run([at])
        trips.append(perf_counter_ns() - started)
        assert value == at + 1
    figures["trip"] = statistics.median(trips) / 1e3
    return figures


def _figures(figures: dict[str, float], _elapsed: float) -> Figures:
    return figures
