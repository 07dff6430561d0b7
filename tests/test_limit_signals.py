"""A signal handler that raises while the main thread waits for a slot, or takes one itself: no slot is lost."""

import random
import signal
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from limited_calls import Crowd
from windlass import Limit, Limiter, ThreadPool

LIMIT = 20
SEED = random.randrange(2**32)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


class Interrupt(BaseException):
    pass


@pytest.fixture
def alarm() -> Iterator[None]:
    """No alarm is left behind."""
    before = signal.getsignal(signal.SIGALRM)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


# Then any `with` leaves open what it entered, a threading.Lock too: python/cpython issue 148874.
@pytest.mark.skipif(sys.version_info[:2] == (3, 14), reason="3.14 may run a handler between __enter__ and its block")
@pytest.mark.stress
@pytest.mark.usefixtures("alarm")
def test_a_handler_that_raises_loses_no_slot() -> None:
    print("seed", SEED)
    chance = random.Random(SEED)
    limit, crowd, over = Limit(2), Crowd(), threading.Event()
    limited = Limiter(limit)(crowd.call)
    armed = interrupted = 0

    def handler(*_: object) -> None:
        nonlocal armed, interrupted
        if armed:
            armed, interrupted = 0, interrupted + 1
            raise Interrupt

    def contend() -> None:
        while not over.is_set():
            with limit:
                time.sleep(0.0003)

    signal.signal(signal.SIGALRM, handler)
    contenders = [threading.Thread(target=contend) for _ in range(3)]
    for contender in contenders:
        contender.start()
    with ThreadPool(2) as pool:
        tasks = [pool.submit(limited, value) for value in range(100)]
        try:
            while interrupted < 150:
                try:
                    armed = 1
                    signal.setitimer(signal.ITIMER_REAL, chance.uniform(0.00005, 0.002))
                    while armed:
                        with limit:
                            time.sleep(0.0001)
                except Interrupt:
                    pass
        finally:
            over.set()
        assert [task.result(LIMIT) for task in tasks] == list(range(100))
    for contender in contenders:
        contender.join(LIMIT)
    assert (limit.free, limit.waiting, limit.held) == (2, 0, 0)


@pytest.mark.stress
@pytest.mark.usefixtures("alarm")
def test_a_handler_may_use_the_limit_that_it_interrupts() -> None:
    limit, handled, enough = Limit(2), 0, False

    def handler(*_: object) -> None:
        nonlocal handled
        handled += 1
        if limit.acquire(blocking=False):
            limit.release()
        if not enough:  # or this would arm it after the test has disarmed it
            signal.setitimer(signal.ITIMER_REAL, 0.0002)

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0002)
    with ThreadPool(2) as pool:
        for _ in range(20):
            tasks = [pool.options(semaphore=limit).submit(int) for _ in range(50)]
            for _ in range(50):
                with limit:
                    pass
            assert [task.result(LIMIT) for task in tasks] == [0] * 50
        while handled < 20:
            with limit:
                pass
        enough = True
    assert (limit.free, limit.waiting, limit.held) == (2, 0, 0)
