"""The stand-ins for the standard queue classes: one producer and one consumer thread, and no thread at all."""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import perf_counter_ns
from typing import Any

from interleave import SUBJECT, Figures, Measure, Row, Trial
from measures.queue_empty import put_get_pairs

STANDARD = "queue"  # the module
GOALS = {"PriorityQueue": 5, "Queue": 5, "LifoQueue": None, "SimpleQueue": 1}  # least ratios between two threads


def measure(quick: bool) -> Measure:
    """Measure all four classes against those of the standard library."""
    count = 20_000 if quick else 200_000
    rows = []
    for name, least in GOALS.items():
        goal = {None: "", 1: "not slower"}.get(least, f"{least}x faster")
        rows.append(Row(f"{name}: producer and consumer", f"{name} pipe", "ns/item", STANDARD, goal, least))
        rows.append(Row(f"{name}: uncontended put+get", f"{name} pair", "ns/pair", STANDARD))
    return Measure(
        "dropin-queue",
        {SUBJECT: partial(_trial, _ours, count), STANDARD: partial(_trial, lambda: queue, count)},
        rows,
    )


def _ours() -> Any:
    from windlass.dropin import queue as ours

    return ours


@contextmanager
def _trial(module: Callable[[], Any], count: int) -> Iterator[Trial]:
    classes = {name: getattr(module(), name) for name in GOALS}
    items = list(range(count))

    def run() -> dict[str, tuple[int, list[int]]]:
        results = {}
        for name, kind in classes.items():
            results[f"{name} pipe"] = _timed(pipe, kind(), items)
            results[f"{name} pair"] = _timed(_pairs, kind(), items)
        return results

    def figures(results: dict[str, tuple[int, list[int]]], _elapsed: float) -> Figures:
        for figure, (_, out) in results.items():
            # Between threads a stack returns what came last, and a heap what is least, of what is there.
            in_order = figure.endswith("pair") or figure in ("Queue pipe", "SimpleQueue pipe")
            assert (out if in_order else sorted(out)) == items, f"{figure}: items were lost"
        return {figure: elapsed / count for figure, (elapsed, _) in results.items()}

    yield Trial(run, figures)


def _timed(work: Callable[[Any, list[int]], list[int]], items: Any, numbers: list[int]) -> tuple[int, list[int]]:
    start = perf_counter_ns()
    out = work(items, numbers)
    return perf_counter_ns() - start, out


def _pairs(items: Any, numbers: list[int]) -> list[int]:
    return put_get_pairs(items.put, items.get, numbers)


def pipe(items: Any, numbers: list[int]) -> list[int]:
    """Put all numbers in one thread and get them in another: the loops that both contenders run."""
    out = numbers.copy()

    def produce() -> None:
        put = items.put
        for number in numbers:
            put(number)

    def consume() -> None:
        get = items.get
        for at in range(len(numbers)):
            out[at] = get()

    threads = [threading.Thread(target=consume), threading.Thread(target=produce)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return out
