"""How the cost of a task grows with the number that wait: time and memory, from 1 to 10 million."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from children import run_child
from contenders import EXECUTOR, POOLS
from interleave import Curve, Figures, Measure, Row, Trial

SIZES = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
QUICK_SIZES = SIZES[:5]
SHOWN = (100, 10_000, 1_000_000, 10_000_000)  # in the table; the plots have all
MOST = {EXECUTOR: 1_000_000}  # ten million of its futures would take 19 GB
QUANTITIES = (
    ("submit", "ns/task", "time to submit a task"),
    ("run", "ns/task", "time to run a queued task"),
    ("bytes", "bytes", "memory of a queued task"),
)


def measure(quick: bool) -> Measure:
    """Measure one blocked worker and ever more tasks behind it, each number in a fresh process."""
    sizes = QUICK_SIZES if quick else SIZES
    return Measure(
        "growth-tasks",
        {name: partial(_trial, name, [size for size in sizes if size <= MOST.get(name, size)]) for name in POOLS},
        [
            Row(f"{title}, {size:_} queued".replace("_", " "), f"{quantity} {size}", unit, _peer(size))
            for quantity, unit, title in QUANTITIES
            for size in sizes
            if size in SHOWN
        ],
        warm_up=False,
        most_rounds=2,
        time_limit=180,
        curves=[
            Curve(title, "queued tasks", unit, {size: f"{quantity} {size}" for size in sizes})
            for quantity, unit, title in QUANTITIES
        ],
    )


def _peer(size: int) -> str | None:
    return EXECUTOR if size <= MOST[EXECUTOR] else None


@contextmanager
def _trial(name: str, sizes: list[int]) -> Iterator[Trial]:
    def run() -> Figures:
        figures: dict[str, float] = {}
        for size in sizes:
            with run_child("growing_pool", name, str(size)) as child:
                output, _ = child.communicate()
            figures |= {f"{quantity} {size}": value for quantity, value in json.loads(output).items()}
        return figures

    yield Trial(run, lambda figures, _elapsed: figures)
