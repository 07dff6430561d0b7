"""A parker loses no wake, keeps none, and never ends a sleep early; both back-ends, futex and lock."""

import random
import threading
import time
from collections.abc import Callable

import pytest

from waiting import run_threads
from windlass._core.parker import Parker

LIMIT = 20  # seconds; only a hang reaches it
SEED = random.randrange(2**32)


@pytest.fixture(params=[False, True], ids=["default", "portable"])
def new_parker(request: pytest.FixtureRequest) -> Callable[[], Parker]:
    """Return the maker of parkers of one back-end; the other tests of this file run once for each."""
    return lambda: Parker(portable=request.param)


@pytest.fixture(params=[0, 2_000], ids=["no spin", "spin"])
def spins(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def test_wake_before_park_ends_it_at_once(new_parker: Callable[[], Parker], spins: int) -> None:
    parker = new_parker()
    parker.unpark()
    assert parker.park(LIMIT, spins=spins) is True


def test_fresh_parker_has_no_wake(new_parker: Callable[[], Parker], spins: int) -> None:
    for _ in range(100):
        assert new_parker().park(0, spins=spins) is False


def test_consumed_wake_is_gone(new_parker: Callable[[], Parker], spins: int) -> None:
    parker = new_parker()
    for _ in range(100):
        parker.unpark()
        assert parker.park(LIMIT, spins=spins) is True
        assert parker.park(0.0001, spins=spins) is False


def test_several_wakes_before_one_park_are_one(new_parker: Callable[[], Parker]) -> None:
    parker = new_parker()
    for _ in range(1_000):
        parker.unpark()
    assert parker.park(LIMIT) is True
    assert parker.park(0) is False


def test_wake_of_an_earlier_timed_out_sleep_counts_for_the_next(new_parker: Callable[[], Parker]) -> None:
    parker = new_parker()
    assert parker.park(0.001) is False
    parker.unpark()
    assert parker.park(LIMIT) is True


def test_parker_with_a_wake_left_can_be_dropped(new_parker: Callable[[], Parker]) -> None:
    for _ in range(1_000):
        new_parker().unpark()
    for _ in range(100):
        parker = new_parker()
        parker.park(0.00001)
        parker.unpark()


@pytest.mark.parametrize(
    ("timeout", "error"), [(-1, ValueError), (float("nan"), ValueError), ("1", TypeError)], ids=str
)
def test_bad_timeout_raises_and_keeps_the_wake(timeout: float, error: type[Exception]) -> None:
    parker = Parker()
    parker.unpark()
    with pytest.raises(error):
        parker.park(timeout)
    assert parker.park(0) is True


@pytest.mark.slow
def test_sleep_never_ends_early(new_parker: Callable[[], Parker]) -> None:
    print("seed", SEED)
    randomly = random.Random(SEED)
    parker = new_parker()
    for spins in (0, 100):
        for _ in range(200):
            timeout = randomly.uniform(0, 0.005)
            begin = time.monotonic_ns()
            assert parker.park(timeout, spins=spins) is False
            assert time.monotonic_ns() - begin >= timeout * 1e9


@pytest.mark.parametrize("timeout", [None, float("inf"), 1e9, 10**400], ids=["none", "inf", "31 years", "10**400"])
def test_long_sleep_is_woken(new_parker: Callable[[], Parker], timeout: float | None) -> None:
    parker = new_parker()
    woken: list[bool] = []
    asleep = threading.Event()

    def sleep() -> None:
        asleep.set()
        woken.append(parker.park(timeout))

    def wake() -> None:
        assert asleep.wait(LIMIT)
        parker.unpark()

    run_threads(sleep, wake)
    assert woken == [True]


@pytest.mark.slow
@pytest.mark.stress
def test_ping_pong_loses_no_wake(new_parker: Callable[[], Parker], spins: int) -> None:
    rounds = 25_000  # four variants: 100 000 round trips
    ping, pong = new_parker(), new_parker()

    def serve() -> None:
        for _ in range(rounds):
            ping.unpark()
            pong.park(spins=spins)

    def reply() -> None:
        for _ in range(rounds):
            ping.park(spins=spins)
            pong.unpark()

    run_threads(serve, reply)
    assert ping.park(0) is False
    assert pong.park(0) is False


@pytest.mark.slow
@pytest.mark.stress
def test_timeout_that_races_a_wake_loses_and_invents_none(new_parker: Callable[[], Parker]) -> None:
    rounds = 10_000
    parker, ready = new_parker(), new_parker()
    seen: list[bool] = []

    def sleep() -> None:
        timeout = 0.0001
        for _ in range(rounds):
            ready.unpark()
            # Exactly one wake is on its way: either in time, or it is there for the second park.
            in_time = parker.park(timeout)
            timeout *= 0.98 if in_time else 1.02  # so that the two arrive together
            seen.append(in_time or parker.park(LIMIT))
            assert parker.park(0) is False, "a wake that nobody sent"

    def wake() -> None:
        for _ in range(rounds):
            ready.park(LIMIT)
            parker.unpark()

    run_threads(sleep, wake)
    assert seen == [True] * rounds
    assert parker.park(0) is False


@pytest.mark.slow
@pytest.mark.stress
def test_many_wakers_wake_one_sleeper(new_parker: Callable[[], Parker], spins: int) -> None:
    wakers, each = 6, 2_000
    parker = new_parker()
    mail: list[int] = []  # append and pop are atomic
    received = 0

    def post() -> None:
        for number in range(each):
            mail.append(number)
            parker.unpark()

    def collect() -> None:
        nonlocal received
        while received < wakers * each:
            while mail:
                mail.pop()
                received += 1
            if received < wakers * each:
                assert parker.park(LIMIT, spins=spins), "a wake was lost"

    run_threads(collect, *[post] * wakers)
    assert received == wakers * each


def test_one_thread_wakes_many_parkers(new_parker: Callable[[], Parker]) -> None:
    parkers = [new_parker() for _ in range(30)]
    woken: list[int] = []

    def sleeper(number: int) -> Callable[[], None]:
        def body() -> None:
            if parkers[number].park(LIMIT):
                woken.append(number)

        return body

    def wake() -> None:
        for parker in parkers:
            parker.unpark()

    run_threads(*[sleeper(number) for number in range(30)], wake)
    assert sorted(woken) == list(range(30))
