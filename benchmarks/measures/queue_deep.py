"""Fill a priority queue, then empty it: what a put and a get cost when the queue is deep."""

import queue
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from interleave import SUBJECT, Figures, Measure, Row, Trial

PEER = "queue.PriorityQueue"
PRIORITIES = 8
SEED = 20_000  # any: the same priorities in every run


def measure(quick: bool) -> Measure:
    """Measure put and get, 8 priorities in random order, 200 000 items deep."""
    depth = 20_000 if quick else 200_000
    numbers = random.Random(SEED)
    priorities = [numbers.randrange(PRIORITIES) for _ in range(depth)]
    return Measure(
        "queue-deep",
        {SUBJECT: partial(with_windlass, priorities), PEER: partial(with_priority_queue, priorities)},
        [
            Row(
                "queue put+get, 8 priorities, 200 k deep",
                "time",
                "ns/item",
                PEER,
                goal="20x faster",
                least_ratio=20,
            )
        ],
    )


@contextmanager
def with_windlass(priorities: list[int]) -> Iterator[Trial]:
    """Put and get an item of each priority, in this order."""
    from windlass import PriorityTaskQueue

    def run() -> list[int]:
        tasks: PriorityTaskQueue = PriorityTaskQueue()
        put, get = tasks.put, tasks.get
        for item, priority in enumerate(priorities):
            put(item, priority)
        return [get() for _ in priorities]

    yield Trial(run, partial(_figures, priorities, lambda item: item))


@contextmanager
def with_priority_queue(priorities: list[int]) -> Iterator[Trial]:
    """Do the same with the standard queue."""

    # The usual recipe for stable order: a sequence number before the payload, here the item itself once more.
    def run() -> list[tuple[int, int, int]]:
        tasks: queue.PriorityQueue[tuple[int, int, int]] = queue.PriorityQueue()
        put, get = tasks.put, tasks.get
        for item, priority in enumerate(priorities):
            put((priority, item, item))
        return [get() for _ in priorities]

    yield Trial(run, partial(_figures, priorities, lambda entry: entry[2]))


def _figures(priorities: list[int], item_of: Callable[[Any], int], out: list[Any], elapsed: float) -> Figures:
    expected = sorted(range(len(priorities)), key=priorities.__getitem__)
    assert [item_of(entry) for entry in out] == expected, "items came out in the wrong order"
    return {"time": elapsed / len(priorities)}
