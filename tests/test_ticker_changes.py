"""Stop, pause and a new interval reach a loop that sleeps, whoever makes them and whenever."""

import itertools
import random
import threading
import time

import pytest

from loop_threads import LIMIT, started
from waiting import run_threads, until
from windlass import Ticker

HOUR = 3600


def asleep(ticker: Ticker) -> None:
    """Wait until the ticker's loop is past its first tick; it may not be in the kernel yet, which is the point."""
    until(lambda: ticker.ticks)


def test_stop_wakes_a_sleeper() -> None:
    ticker = Ticker(HOUR)
    ticks: list[int] = []
    with started(lambda: ticks.extend(tick.number for tick in ticker)):
        asleep(ticker)
        ticker.stop()
    assert ticks == [0]
    assert ticker.stopped


def test_stopped_is_stopped() -> None:
    ticker = Ticker(0.001)
    ticker.stop()
    ticker.stop()
    ticker.pause()
    ticker.resume()
    assert ticker.stopped
    assert ticker.wait() is None
    assert list(ticker) == []
    ticker.interval = 1
    assert ticker.wait() is None


def test_stop_from_the_body_ends_after_this_run() -> None:
    ticker = Ticker(0.0005)
    for tick in ticker:
        if tick.number == 3:
            ticker.stop()
            ticker.stop()
    assert ticker.ticks == 4


def test_with_block_stops() -> None:
    with Ticker(HOUR) as ticker:
        assert next(ticker).number == 0
    assert ticker.stopped


@pytest.mark.parametrize("by", [1, 8])
def test_stop_at_any_moment_is_never_slept_through(by: int) -> None:
    """The stop comes before, during and after the last steps towards the sleep."""
    for _ in range(100):
        ticker = Ticker(HOUR)
        gate = threading.Barrier(by + 1)

        def loop(ticker: Ticker = ticker, gate: threading.Barrier = gate) -> None:
            gate.wait(LIMIT)
            for _ in ticker:
                pass

        def stop(ticker: Ticker = ticker, gate: threading.Barrier = gate) -> None:
            gate.wait(LIMIT)
            ticker.stop()

        run_threads(loop, *[stop] * by)


def test_new_interval_wakes_a_sleeper() -> None:
    ticker = Ticker(HOUR)
    ticks = []

    def loop() -> None:
        ticks.extend(tick.release_ns for tick in itertools.islice(ticker, 4))

    with started(loop):
        asleep(ticker)
        ticker.interval = 0.001
    assert (ticks[3] - ticks[0]) % 1_000_000 == 0  # the new grid begins at the last release
    assert ticker.interval == 0.001


def test_same_interval_changes_nothing() -> None:
    ticker = Ticker(0.01)
    next(ticker)
    release = ticker.next_release_ns
    time.sleep(0.02)
    ticker.interval = 0.01
    assert ticker.next_release_ns == release


def test_longer_interval_puts_the_release_off() -> None:
    ticker = Ticker(0.05)
    first = next(ticker)
    ticker.interval = HOUR
    assert ticker.next_release_ns == first.release_ns + HOUR * 10**9
    assert ticker.wait(0.1) is None


def test_no_tick_runs_in_a_pause() -> None:
    ticker = Ticker(0.001)
    next(ticker)
    ticker.pause()
    ticker.pause()
    assert ticker.paused
    assert ticker.wait(0.02) is None
    ticker.resume()
    ticker.resume()
    assert not ticker.paused
    tick = ticker.wait(LIMIT)
    assert tick is not None
    assert tick.number == 1


def test_what_passes_in_a_pause_is_not_missed() -> None:
    ticker = Ticker(0.05, missed="drop")
    first = next(ticker)
    assert ticker.wait(0) is None
    ticker.pause()
    assert ticker.wait(0.12) is None
    ticker.resume()
    tick = ticker.wait(LIMIT)
    assert tick is not None
    assert (tick.release_ns - first.release_ns) % 50_000_000 == 0  # the grid stayed
    assert tick.release_ns - first.release_ns >= 150_000_000


def test_pause_before_the_start_puts_it_off() -> None:
    ticker = Ticker(0.001)
    ticker.pause()
    assert ticker.wait(0.01) is None
    ticker.resume()
    assert ticker.wait(LIMIT) is not None


def test_pause_and_resume_reach_a_sleeper() -> None:
    ticker = Ticker(0.002)
    ticks: list[int] = []
    with started(lambda: ticks.extend(tick.number for tick in ticker)):
        asleep(ticker)
        ticker.pause()
        ran = ticker.ticks
        ticker.resume()
        until(lambda ran=ran: ticker.ticks >= ran + 3)
        ticker.pause()
        ticker.stop()  # ends the wait of a paused loop too
    assert ticks == list(range(len(ticks)))
    assert len(ticks) >= ran + 3


def test_second_thread_that_waits_is_refused() -> None:
    ticker = Ticker(HOUR)
    refusals: list[str] = []

    def wait_while_running(timeout: float | None) -> None:
        while not ticker.stopped:
            try:
                ticker.wait(timeout)
            except RuntimeError as error:
                refusals.append(str(error))
                ticker.stop()

    run_threads(lambda: wait_while_running(None), lambda: wait_while_running(0))
    assert refusals == ["another thread waits for this ticker"]


def test_threads_may_take_turns() -> None:
    ticker = Ticker(0.0005)
    numbers: list[int] = []
    for _ in range(5):
        run_threads(lambda: numbers.extend(tick.number for tick in itertools.islice(ticker, 3)))
    assert numbers == list(range(15))


@pytest.mark.stress
def test_storm_of_changes_from_16_threads() -> None:
    """No change is lost or crashes the loop; at the end it stops, and the ticks are numbered without a gap."""
    seed = random.randrange(2**32)
    print("seed", seed)
    ticker = Ticker(0.001)
    numbers: list[int] = []

    def loop() -> None:
        numbers.extend(tick.number for tick in ticker)

    def storm(at: int) -> None:
        dice = random.Random(seed + at)
        for _ in range(300):
            action = dice.randrange(4)
            if action == 0:
                ticker.interval = dice.choice([HOUR, 1e-4, 1e-3, 1e-6])
            elif action == 1:
                ticker.pause()
            elif action == 2:
                ticker.resume()
            else:
                ticker.statistics()

    with started(loop):
        run_threads(*[lambda at=at: storm(at) for at in range(16)])  # type: ignore[misc]
        ran = ticker.ticks
        ticker.resume()
        ticker.interval = 1e-4
        until(lambda ran=ran: ticker.ticks > ran)  # or else the loop has slept through a change
        ticker.stop()
    assert numbers == list(range(len(numbers)))
