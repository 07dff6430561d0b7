"""Submit many no-ops one by one, then collect every result: the throughput of the plain API."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from contenders import EXECUTOR, POOLS, noop, open_pool
from interleave import Figures, Measure, Row, Trial

WORKERS = 2


def measure(quick: bool) -> Measure:
    """Measure 10 000 submits and results with 2 workers."""
    count = 1_000 if quick else 10_000
    return Measure(
        "submit-collect",
        {name: partial(_trial, name, count) for name in POOLS},
        [
            Row(
                "submit 10 k no-ops and collect, 2 workers",
                "time",
                "ns/task",
                EXECUTOR,
                goal="25x faster",
                least_ratio=25,
            )
        ],
    )


@contextmanager
def _trial(name: str, count: int) -> Iterator[Trial]:
    with open_pool(name, WORKERS) as pool:
        yield Trial(partial(submit_and_collect, pool, count), partial(_figures, count), batches=5)


def submit_and_collect(pool: Any, count: int) -> tuple[list[Any], list[None]]:
    """Submit, then collect. The tasks are returned too, so that freeing them is not timed."""
    tasks = [pool.submit(noop) for _ in range(count)]
    return tasks, [task.result() for task in tasks]


def _figures(count: int, result: tuple[list[Any], list[None]], elapsed: float) -> Figures:
    tasks, results = result
    assert results == [None] * count, "results were lost"
    assert len({id(task) for task in tasks}) == count, "not a task each"
    return {"time": elapsed / count}
