"""Bench the life of one task: made, waited for, waiting in the queue."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import pytest

from contenders import POOLS, WINDLASS, noop
from interleave import RunMeasure
from measures import pending_memory, round_trip

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

OBJECTS = (WINDLASS, "Future")


def task_maker(contender: str) -> Callable[[], Any]:
    """Return what makes one pending task, or the standard library's future."""
    if contender == WINDLASS:
        import windlass

        return lambda: windlass.Task(noop)
    return Future


@pytest.mark.parametrize("contender", POOLS)
def test_round_trip_5k(run_measure: RunMeasure, contender: str) -> None:
    """Submit one task and wait for its result, 5 000 times; p50 and p99 are in the extra info."""
    run_measure(round_trip.measure, contender)


@pytest.mark.parametrize("contender", POOLS)
def test_pending_memory_100k(run_measure: RunMeasure, contender: str) -> None:
    """Weigh pending tasks; the bytes are in the extra info, the time says nothing."""
    run_measure(pending_memory.measure, contender)


@pytest.mark.parametrize("contender", OBJECTS)
def test_make_one(benchmark: "BenchmarkFixture", contender: str) -> None:
    """Make a pending task and drop it."""
    benchmark.group = "make a task"
    task = benchmark(task_maker(contender))
    assert not task.done()


@pytest.mark.parametrize("contender", OBJECTS)
def test_result_of_finished(benchmark: "BenchmarkFixture", contender: str) -> None:
    """Read the result of a task that has finished."""
    benchmark.group = "result of a finished task"
    task = task_maker(contender)()
    if contender == WINDLASS:
        task()
    else:
        task.set_result(None)
    assert benchmark(task.result) is None
