"""Bench the life of one task: made, waited for, waiting in the queue."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import pytest

from contenders import WINDLASS, noop
from everyone import ARGUMENTS, everyone
from interleave import MakeMeasure, RunMeasure
from measures import pending_memory, rival_pools, round_trip, submit_collect

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

MEASURES = (
    submit_collect.measure,
    round_trip.measure,
    rival_pools.threads_each,
    rival_pools.threads_trip,
    pending_memory.measure,
)
OBJECTS = (WINDLASS, "Future")


def task_maker(contender: str) -> Callable[[], Any]:
    """Return what makes one pending task, or the standard library's future."""
    if contender == WINDLASS:
        import windlass

        return lambda: windlass.Task(noop)
    return Future


@pytest.mark.parametrize(ARGUMENTS, everyone(*MEASURES))
def test_task(run_measure: RunMeasure, make_measure: MakeMeasure, contender: str) -> None:
    """Submit and wait for results, or weigh what waits; the figures are in the extra info."""
    run_measure(make_measure, contender)


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
