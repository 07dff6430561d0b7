"""A batch of calls with their own arguments, one Task each: ``map`` against a loop of submits."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import perf_counter_ns
from typing import Any

from contenders import EXECUTOR, WINDLASS, identity, identity_with_keyword, open_pool
from interleave import Figures, Measure, Row, Trial

WORKERS = 2

Pairs = list[tuple[tuple[Any, ...], dict[str, Any]]]
Batch = Callable[[Any, Callable[..., int], Pairs], tuple[list[Any], list[int]]]


def measure(quick: bool) -> Measure:
    """Measure 200 000 ``(args, kwargs)`` pairs: with one positional argument, and with a keyword besides."""
    count = 4_000 if quick else 200_000
    label = "map of 200 k (args, kwargs) pairs, a Task each, {}"
    goal = "40x faster"
    return Measure(
        "map-pairs",
        {
            WINDLASS: partial(_trial, WINDLASS, map_and_collect, count),
            EXECUTOR: partial(_trial, EXECUTOR, submit_and_collect, count),
        },
        [
            Row(label.format("((i,), {})"), "positional", "ns/task", EXECUTOR, goal, least_ratio=40),
            Row(label.format("((i,), {'keyword': i})"), "keyword", "ns/task", EXECUTOR, goal, least_ratio=40),
        ],
        most_rounds=5,
    )


@contextmanager
def _trial(name: str, batch: Batch, count: int) -> Iterator[Trial]:
    positional: Pairs = [((value,), {}) for value in range(count)]
    keyword: Pairs = [((value,), {"keyword": value}) for value in range(count)]
    expected = list(range(count))

    with open_pool(name, WORKERS) as pool:

        def run() -> dict[str, float]:
            times = {}
            for figure, fn, pairs in (
                ("positional", identity, positional),
                ("keyword", identity_with_keyword, keyword),
            ):
                gc.collect()
                start = perf_counter_ns()
                tasks, values = batch(pool, fn, pairs)
                times[figure] = (perf_counter_ns() - start) / count
                assert values == expected, "results were lost or out of order"
                assert len({id(task) for task in tasks}) == count, "not a task each"
                del tasks, values
            return times

        yield Trial(run, _figures)


def map_and_collect(pool: Any, fn: Callable[..., int], pairs: Pairs) -> tuple[list[Any], list[int]]:
    """The windlass way. The tasks are returned too, so that freeing them is not timed."""
    tasks = pool.map(fn, pairs)
    return tasks, [task.result() for task in tasks]


def submit_and_collect(pool: Any, fn: Callable[..., int], pairs: Pairs) -> tuple[list[Any], list[int]]:
    """The standard library's way."""
    tasks = [pool.submit(fn, *args, **kwargs) for args, kwargs in pairs]
    return tasks, [task.result() for task in tasks]


def _figures(times: dict[str, float], _elapsed: float) -> Figures:
    return times
