"""Queues of all libraries side by side: between two threads, and put and get in one."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from time import perf_counter_ns
from typing import Any

import rivals
from interleave import SUBJECT, Figures, Measure, Row, Trial
from measures.dropin_queue import pipe

PRIORITIES = 8


def fifo(quick: bool) -> Measure:
    """Measure first in, first out; windlass's has all that ``queue.Queue`` has. ``dropin_queue`` has simple ones."""
    return _measure("fifo_queue", "Queue", quick)


def lifo(quick: bool) -> Measure:
    """Measure last in, first out."""
    return _measure("lifo_queue", "LifoQueue", quick)


def priority(quick: bool) -> Measure:
    """Measure tuples of a priority and a number, of which the least comes first."""
    return _measure("priority_queue", "PriorityQueue", quick)


def _measure(kind: str, ours: str, quick: bool) -> Measure:
    count = 10_000 if quick else 100_000
    items: list[Any] = list(range(count))
    if kind == "priority_queue":
        items = [(number % PRIORITIES, number) for number in items]
    ways: dict[str, Callable[[], AbstractContextManager[Any]]] = {
        SUBJECT: partial(_ours, ours),
        **{name: way.open for name, way in rivals.ways(kind).items()},
    }
    peers = rivals.contenders(kind)
    name = kind.replace("_", "-")
    return Measure(
        name,
        {who: partial(_trial, open_queue, items) for who, open_queue in ways.items()},
        [Row(f"{name}: producer and consumer", "pipe", "ns/item", peer) for peer in peers]
        + [Row(f"{name}: uncontended put+get", "pair", "ns/pair", peer) for peer in peers],
    )


@contextmanager
def _ours(name: str) -> Iterator[Any]:
    from windlass.dropin import queue

    yield getattr(queue, name)()


@contextmanager
def _trial(open_queue: Callable[[], AbstractContextManager[Any]], items: list[Any]) -> Iterator[Trial]:
    with open_queue() as queue:

        def run() -> tuple[int, int]:
            start = perf_counter_ns()
            piped = pipe(queue, items)
            middle = perf_counter_ns()
            paired = _pairs(queue, items)
            end = perf_counter_ns()
            assert sorted(piped) == sorted(items), "items were lost"
            assert paired == items, "a pair got another's item"
            return middle - start, end - middle

        yield Trial(run, partial(_figures, len(items)))


def _pairs(queue: Any, items: list[Any]) -> list[Any]:
    put, get, out = queue.put, queue.get, []
    for item in items:
        put(item)
        out.append(get())
    return out


def _figures(count: int, durations: tuple[int, int], _elapsed: float) -> Figures:
    between, within = durations
    return {"pipe": between / count, "pair": within / count}
