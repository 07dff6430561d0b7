"""Signals and a parked main thread: a handler that raises ends the sleep, any other leaves its length alone."""

import signal
import threading
import time
from collections.abc import Callable

import pytest

from windlass._core.parker import Parker

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX interval timers")

LIMIT = 20  # seconds; only a hang reaches it
Arm = Callable[..., None]  # what the fixture on_alarm gives


class Interrupted(Exception):
    """What the handler raises."""


def interrupt() -> None:
    raise Interrupted


@pytest.fixture(params=[False, True], ids=["default", "portable"])
def parker(request: pytest.FixtureRequest) -> Parker:
    return Parker(portable=request.param)


@pytest.mark.parametrize("timeout", [None, LIMIT])
@pytest.mark.parametrize("spins", [0, 2_000])
def test_handler_that_raises_ends_the_sleep(parker: Parker, on_alarm: Arm, timeout: float | None, spins: int) -> None:
    begin = time.monotonic()
    with pytest.raises(Interrupted):  # noqa: PT012 - on a slow day the signal comes before the sleep
        on_alarm(interrupt, 0.02)
        parker.park(timeout, spins=spins)
    assert time.monotonic() - begin < LIMIT / 2
    assert parker.park(0) is False  # it left nothing behind
    parker.unpark()
    assert parker.park(LIMIT) is True


@pytest.mark.slow
def test_handler_that_raises_during_the_spin_ends_the_sleep(parker: Parker, on_alarm: Arm) -> None:
    # The signal comes between the start of the spin and the system call, which it then cannot interrupt.
    for attempt in range(100):
        begin = time.monotonic()
        with pytest.raises(Interrupted):  # noqa: PT012 - the timer must be armed just before the call
            on_alarm(interrupt, 0.00005 + attempt % 10 * 0.00001)
            parker.park(LIMIT, spins=30_000)
        assert time.monotonic() - begin < LIMIT / 2


@pytest.mark.slow
def test_storm_of_signals_does_not_change_the_length(parker: Parker, on_alarm: Arm) -> None:
    seen = 0
    begin = time.monotonic()

    def count() -> None:
        nonlocal seen
        seen += 1
        assert time.monotonic() - begin < LIMIT, "each signal begins the sleep anew"

    on_alarm(count, 0.001, every=0.001)
    while seen < 20:  # a busy machine may let most of them fall together
        begin = time.monotonic()
        assert parker.park(0.5) is False
        assert time.monotonic() - begin >= 0.5
    signal.setitimer(signal.ITIMER_REAL, 0)


@pytest.mark.slow
def test_wake_gets_through_a_storm_of_signals(parker: Parker, on_alarm: Arm) -> None:
    on_alarm(lambda: None, 0.0005, every=0.0005)
    answer = Parker()
    rounds = 300

    def wake() -> None:
        for _ in range(rounds):
            parker.unpark()
            answer.park(LIMIT)

    thread = threading.Thread(target=wake, daemon=True)
    thread.start()
    for _ in range(rounds):
        assert parker.park(LIMIT) is True
        answer.unpark()
    thread.join(LIMIT)
    assert not thread.is_alive()


def test_handler_may_wake_the_sleep_that_it_interrupts(parker: Parker, on_alarm: Arm) -> None:
    on_alarm(parker.unpark, 0.02)
    assert parker.park(LIMIT) is True
    assert parker.park(0) is False


def test_wake_that_comes_with_an_exception_is_kept(parker: Parker, on_alarm: Arm) -> None:
    def wake_and_raise() -> None:
        parker.unpark()
        raise Interrupted

    with pytest.raises(Interrupted):  # noqa: PT012 - as above
        on_alarm(wake_and_raise, 0.02)
        parker.park(LIMIT)
    assert parker.park(0) is True


def test_signal_leaves_the_sleep_of_another_thread_alone(parker: Parker, on_alarm: Arm) -> None:
    outcomes: list[bool] = []
    thread = threading.Thread(target=lambda: outcomes.append(parker.park(LIMIT)), daemon=True)
    thread.start()
    with pytest.raises(Interrupted):  # noqa: PT012 - as above
        on_alarm(interrupt, 0.02)
        threading.Event().wait(LIMIT)
    parker.unpark()
    thread.join(LIMIT)
    assert outcomes == [True]
