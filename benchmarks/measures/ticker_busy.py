"""Lateness of a 50 Hz loop beside a thread that computes in pure Python and lets go of the GIL only when asked."""

import itertools
import statistics
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import monotonic, monotonic_ns, sleep

from interleave import SUBJECT, Figures, Measure, Row, Shape, Trial

INTERVAL = 0.02
SLEEP = "absolute time.sleep"


def measure(quick: bool) -> Measure:
    """Measure 150 ticks of each; what the busy thread got done meanwhile stands beside it."""
    ticks = 30 if quick else 150
    label = "50 Hz loop beside a busy Python thread"
    return Measure(
        "ticker-busy",
        {SUBJECT: partial(_trial, _ticker, ticks), SLEEP: partial(_trial, _sleep, ticks)},
        [
            Row(f"{label}: lateness p50", "p50", "us", SLEEP, goal="at most 10 us", most=10),
            Row(f"{label}: lateness p90", "p90", "us", SLEEP),
            Row(f"{label}: time for a fixed work of the busy thread", "work", "us", SLEEP),
        ],
        warm_up=False,
        shapes=[Shape("lateness", f"{label}: lateness", "us")],
    )


@contextmanager
def _trial(loop: Callable[[int], list[int]], ticks: int) -> Iterator[Trial]:
    over, rounds = threading.Event(), [0]

    def compute() -> None:
        while not over.is_set():
            rounds[0] += 1
            for _ in range(1_000):
                pass

    def run() -> tuple[list[int], float]:
        rounds[0], begin = 0, monotonic_ns()
        late = loop(ticks)
        return late, (monotonic_ns() - begin) / rounds[0] / 1e3

    thread = threading.Thread(target=compute, daemon=True)
    thread.start()
    try:
        yield Trial(run, _figures, samples=_samples)
    finally:
        over.set()
        thread.join()


def _ticker(ticks: int) -> list[int]:
    from windlass import Ticker

    return [tick.lateness_ns for tick in itertools.islice(Ticker(INTERVAL), ticks)]


def _sleep(ticks: int) -> list[int]:
    start = monotonic()
    late = []
    for tick in range(ticks):
        release = start + tick * INTERVAL
        sleep(max(0, release - monotonic()))
        late.append(round((monotonic() - release) * 1e9))
    return late


def _figures(found: tuple[list[int], float], _elapsed: float) -> Figures:
    late, work = found
    deciles = statistics.quantiles(late, n=10)
    return {"p50": deciles[4] / 1e3, "p90": deciles[8] / 1e3, "work": work}


def _samples(found: tuple[list[int], float]) -> dict[str, list[float]]:
    return {"lateness": [lateness / 1e3 for lateness in found[0]]}
