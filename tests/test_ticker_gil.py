"""Early acquisition of the GIL: what the lead learns, and that nobody is starved."""

import itertools
import random
import sys
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loop_threads import LIMIT, started
from windlass import Ticker
from windlass._core.gil_lead import GilLead

WAITS = st.lists(st.integers(0, 10**10), min_size=1)


@given(WAITS)
def test_lead_is_the_second_longest_of_the_last_16(waits: list[int]) -> None:
    lead = GilLead()
    for wait in waits:
        lead.note(wait)
    second = sorted([0, 0, *waits[-16:]])[-2]
    assert lead.lead == (second + 50_000 if second >= 20_000 else 0)


def test_one_outlier_moves_nothing_and_two_are_a_habit() -> None:
    lead = GilLead()
    lead.note(10**9)
    assert lead.lead == 0
    lead.note(5_000_000)
    assert lead.lead == 5_050_000


def test_habit_is_forgotten_after_16_ticks() -> None:
    lead = GilLead()
    for wait in [5_000_000] * 16 + [100] * 14:
        lead.note(wait)
    assert lead.lead > 5_000_000
    lead.note(100)
    assert lead.lead == 0


@pytest.mark.skipif(not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="needs a GIL")
def test_wait_for_the_gil_is_told() -> None:
    """The other thread gives the GIL up only at its switch interval, so some tick had to wait for it."""
    over = threading.Event()

    def compute() -> None:
        while not over.is_set():
            sum(range(1_000))

    with started(compute):
        ticks = list(itertools.islice(Ticker(0.002, gil="after"), 10))
        over.set()
    assert max(tick.gil_wait_ns for tick in ticks) > 0
    assert all(tick.lateness_ns >= 0 for tick in ticks)


@pytest.mark.parametrize("gil", ["auto", "after", "early"])
@pytest.mark.parametrize("interval", [0.0002, 0.002])
def test_others_get_the_gil_too(gil: str, interval: float) -> None:
    """Also where the interval is shorter than the switch interval, and the lead longer than the interval."""
    turns = 0
    ticker = Ticker(interval, gil=gil)

    def compute() -> None:
        nonlocal turns
        while not ticker.stopped:
            turns += 1

    with started(compute):
        for _ in itertools.islice(ticker, 30):
            pass
        before, end = turns, time.monotonic() + LIMIT
        while turns < before + 1_000:
            assert ticker.wait(LIMIT) is not None
            assert time.monotonic() < end, "the loop keeps the GIL to itself"
        ticker.stop()


@pytest.mark.stress
def test_stop_is_seen_while_the_gil_is_held_idle() -> None:
    """A change made just before the loop got its GIL early ends the rest of the wait."""
    dice = random.Random(7)
    for _ in range(60):
        ticker = Ticker(0.02, gil="early", spin=0.002)
        with started(lambda ticker=ticker: list(ticker)):  # type: ignore[misc]
            time.sleep(dice.random() * 0.01)
            ticker.stop()
        assert ticker.wait() is None
