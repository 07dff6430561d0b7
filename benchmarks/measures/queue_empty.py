"""One put and one get at a time on an empty queue, one thread: the price of the call itself."""

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from interleave import SUBJECT, Figures, Measure, Row, Trial

PEER = "queue.SimpleQueue"


def measure(quick: bool) -> Measure:
    """Measure uncontended put and get against ``queue.SimpleQueue``, in the same loop."""
    count = 20_000 if quick else 200_000
    label = "uncontended {} on an empty queue"
    goal = "not slower"
    return Measure(
        "queue-empty",
        {SUBJECT: partial(_trial, _windlass_queue, count), PEER: partial(_trial, queue.SimpleQueue, count)},
        [
            Row(label.format("put+get"), "put/get", "ns/pair", PEER, goal, least_ratio=1),
            Row(label.format("put_nowait+get_nowait"), "nowait", "ns/pair", PEER, goal, least_ratio=1),
        ],
    )


def _windlass_queue() -> Any:
    from windlass import PriorityTaskQueue

    return PriorityTaskQueue()


@contextmanager
def _trial(make_queue: Callable[[], Any], count: int) -> Iterator[Trial]:
    from time import perf_counter_ns

    items = list(range(count))
    tasks = make_queue()

    def run() -> dict[str, tuple[int, list[int]]]:
        times = {}
        for name, put, get in (
            ("put/get", tasks.put, tasks.get),
            ("nowait", tasks.put_nowait, tasks.get_nowait),
        ):
            start = perf_counter_ns()
            result = put_get_pairs(put, get, items)
            times[name] = (perf_counter_ns() - start, result)
        return times

    def figures(result: dict[str, tuple[int, list[int]]], _elapsed: float) -> Figures:
        assert all(out == items for _, out in result.values()), "items were lost"
        return {name: elapsed / count for name, (elapsed, _) in result.items()}

    yield Trial(run, figures, batches=5)


def put_get_pairs(put: Callable[[int], None], get: Callable[[], int], items: list[int]) -> list[int]:
    """Put each item and get it back at once: the loop that both contenders run."""
    out = items.copy()
    for item in items:
        put(item)
        out[item] = get()
    return out
