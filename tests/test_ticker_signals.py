"""Signals and a main thread that waits for a tick: Ctrl-C ends the wait, and the tick is still to come."""

import signal
from collections.abc import Callable

import pytest

from interrupts import check_interrupted
from windlass import Ticker

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX interval timers")

Arm = Callable[..., None]  # what the fixture on_alarm gives


class Interrupted(Exception):
    """What the handler raises."""


def interrupt() -> None:
    raise Interrupted


@pytest.mark.parametrize("gil", ["after", "early"])
def test_handler_that_raises_ends_the_wait(on_alarm: Arm, gil: str) -> None:
    ticker = Ticker(3600, gil=gil)
    next(ticker)
    release = ticker.next_release_ns
    with pytest.raises(Interrupted):  # noqa: PT012 - on a slow day the signal comes before the wait
        on_alarm(interrupt, 0.02)
        next(ticker)
    assert ticker.next_release_ns == release
    ticker.interval = 0.001
    assert ticker.wait(20) is not None  # nothing is left of the wait that was cut off


def test_handler_that_returns_changes_nothing(on_alarm: Arm) -> None:
    calls = []
    ticker = Ticker(0.03)
    on_alarm(lambda: calls.append(1), 0.002, every=0.002)
    releases = [next(ticker).release_ns for _ in range(4)]
    assert [release - releases[0] for release in releases][1:] == [
        number * 30_000_000 for number in range(1, 4)
    ] or ticker.total_missed
    assert calls


def test_handler_may_stop_the_loop(on_alarm: Arm) -> None:
    ticker = Ticker(3600)
    numbers = []
    for tick in ticker:
        numbers.append(tick.number)
        on_alarm(ticker.stop, 0.02)
    assert numbers == [0]


def test_handler_may_change_the_interval(on_alarm: Arm) -> None:
    ticker = Ticker(3600)
    on_alarm(lambda: setattr(ticker, "interval", 0.001), 0.02)
    assert next(ticker).number == 0
    assert next(ticker).number == 1


def test_ctrl_c_ends_a_wait_of_an_hour() -> None:
    ticker = Ticker(3600, start="next")
    check_interrupted(lambda: next(ticker))
