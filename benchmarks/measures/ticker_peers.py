"""Period error of a 1 kHz loop beside other ways to run one, each in a process of its own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import rivals
from children import run_child
from interleave import Measure, Row, Shape, Trial
from loops import installed

INTERVAL = 0.001


def measure(quick: bool) -> Measure:
    """Measure 1 000 periods of each loop that is installed; the machine is otherwise idle."""
    ticks = 300 if quick else 3_000
    peers = rivals.contenders("loop")
    return Measure(
        "ticker-peers",
        {name: partial(_trial, name, ticks) for name in installed()},
        [
            Row(f"1 kHz loop, error of the period, {figure}", figure, "us", peer, goal=goal, least_ratio=1)
            for figure, goal in (("p50", "lower"), ("p99", "not above"))
            for peer in peers
        ]
        + [Row("1 kHz loop, processor time", "cpu", "%", peer) for peer in peers],
        warm_up=False,
        shapes=[Shape("errors", "1 kHz loop, error of the period", "us")],
    )


@contextmanager
def _trial(name: str, ticks: int) -> Iterator[Trial]:
    def run() -> dict[str, Any]:
        with run_child("periodic", name, str(INTERVAL), str(ticks)) as child:
            output, _ = child.communicate()
        found: dict[str, Any] = json.loads(output)
        return found

    yield Trial(run, lambda found, _elapsed: found["figures"], samples=lambda found: {"errors": found["errors"]})
