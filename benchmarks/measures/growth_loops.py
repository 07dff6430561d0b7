"""How punctual loops are, and what each costs, with ever more of them in one process: 1 to 200."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from children import run_child
from interleave import SUBJECT, Curve, Figures, Measure, Row, Trial

THREADS, ASYNCIO = "threads with Event.wait", "asyncio"
LOOPS = (1, 3, 10, 30, 100, 200)
QUICK_LOOPS = (1, 10, 100)
INTERVAL = 0.02  # seconds
QUANTITIES = (
    ("p50", "us", "error of the period, p50"),
    ("p99", "us", "error of the period, p99"),
    ("cpu", "% for each loop", "processor time"),
    ("bytes", "kB for each loop", "memory"),
)


def measure(quick: bool) -> Measure:
    """Measure loops of 50 Hz that do nothing but note the time, each number of them in a fresh process."""
    counts, ticks = (QUICK_LOOPS, 10) if quick else (LOOPS, 60)
    return Measure(
        "growth-loops",
        {name: partial(_trial, name, counts, ticks) for name in (SUBJECT, THREADS, ASYNCIO)},
        [
            Row(f"{counts[-1]} loops of 50 Hz: {title}", f"{quantity} {counts[-1]}", unit, peer)
            for quantity, unit, title in QUANTITIES
            for peer in (THREADS, ASYNCIO)
        ],
        warm_up=False,
        most_rounds=2,
        curves=[
            Curve(f"loops of 50 Hz: {title}", "loops", unit, {count: f"{quantity} {count}" for count in counts})
            for quantity, unit, title in QUANTITIES
        ],
    )


@contextmanager
def _trial(name: str, counts: tuple[int, ...], ticks: int) -> Iterator[Trial]:
    def run() -> Figures:
        figures: dict[str, float] = {}
        for count in counts:
            with run_child("many_loops", name, str(count), str(INTERVAL), str(ticks)) as child:
                output, _ = child.communicate()
            figures |= {f"{quantity} {count}": value for quantity, value in json.loads(output).items()}
        return figures

    yield Trial(run, lambda figures, _elapsed: figures)
