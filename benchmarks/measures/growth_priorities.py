"""How the cost of a put and a get grows with the number of priorities in use: 1 to 1 000."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from time import perf_counter_ns

from interleave import SUBJECT, Curve, Figures, Measure, Row, Trial
from measures import queue_deep

PRIORITIES = (1, 2, 3, 10, 30, 100, 300, 1_000)
LABEL = "put and get"


def measure(quick: bool) -> Measure:
    """Measure a queue 100 000 deep, its priorities in random order."""
    depth = 5_000 if quick else 100_000
    return Measure(
        "growth-priorities",
        {
            SUBJECT: partial(_trial, queue_deep.with_windlass, depth),
            queue_deep.PEER: partial(_trial, queue_deep.with_priority_queue, depth),
        },
        [Row(f"{LABEL}, {n} priorities", str(n), "ns/item", queue_deep.PEER) for n in (1, 30, 1_000)],
        curves=[Curve(f"{LABEL}, by priorities", "priorities", "ns/item", {n: str(n) for n in PRIORITIES})],
    )


@contextmanager
def _trial(make: Callable[[list[int]], AbstractContextManager[Trial]], depth: int) -> Iterator[Trial]:
    def run() -> Figures:
        figures = {}
        for priorities in PRIORITIES:
            numbers = random.Random(queue_deep.SEED)
            with make([numbers.randrange(priorities) for _ in range(depth)]) as trial:
                begin = perf_counter_ns()
                items = trial.run()
                figures[str(priorities)] = trial.figures(items, perf_counter_ns() - begin)["time"]
        return figures

    yield Trial(run, lambda figures, _elapsed: figures)
