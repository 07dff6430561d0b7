"""What a task costs while it waits: bytes per pending task, each figure from a fresh process."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from children import run_child
from contenders import EXECUTOR, POOLS
from interleave import Figures, Measure, Row, Trial

CALLS = ("submit(noop, i)", "submit(noop)")
GAUGES = ("tracemalloc", "RSS")


def measure(quick: bool) -> Measure:
    """Measure 100 000 tasks pending behind a blocked worker, by tracemalloc and by resident set size."""
    count = 10_000 if quick else 100_000
    return Measure(
        "pending-memory",
        {name: partial(_trial, name, count) for name in POOLS},
        [
            Row(
                f"bytes per pending task, {call}, {gauge}",
                f"{call}, {gauge}",
                "bytes",
                EXECUTOR,
                goal="a sixth (6x)",
                least_ratio=6,
            )
            for call in CALLS
            for gauge in GAUGES
        ],
        warm_up=False,
        most_rounds=2,
    )


@contextmanager
def _trial(name: str, count: int) -> Iterator[Trial]:
    def run() -> dict[str, float]:
        figures = {}
        for call in CALLS:
            for gauge in GAUGES:
                with run_child("pending_tasks", name, call, gauge, str(count)) as child:
                    assert child.stdout is not None
                    output = child.stdout.read()
                figures[f"{call}, {gauge}"] = json.loads(output)
        return figures

    yield Trial(run, _figures)


def _figures(result: dict[str, float | None], _elapsed: float) -> Figures:
    return {figure: value for figure, value in result.items() if value is not None}
