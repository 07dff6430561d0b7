"""os.fork beside a waiting loop: the child can use the ticker, and does not touch the parent's."""

import os
import threading
import traceback
from collections.abc import Callable

import pytest

from loop_threads import LIMIT, started
from windlass import Ticker

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
]


def in_child(body: Callable[[], object]) -> int:
    """Run ``body`` in a forked child; return its exit status, 0 if it came to its end."""
    child = os.fork()
    if child == 0:
        threading.Timer(LIMIT, os._exit, (2,)).start()
        try:
            body()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_child_of_a_process_with_a_sleeping_loop_can_wait() -> None:
    ticker = Ticker(3600)
    asleep = threading.Event()

    def loop() -> None:
        for _ in ticker:
            asleep.set()

    def child() -> None:
        ticker.interval = 0.001
        ran = ticker.ticks
        assert ticker.wait(LIMIT) is not None
        assert ticker.ticks == ran + 1
        ticker.stop()
        assert ticker.wait() is None

    with started(loop):
        assert asleep.wait(LIMIT)
        for _ in range(5):
            assert in_child(child) == 0
        assert not ticker.stopped
        assert ticker.interval == 3600
        ticker.stop()


def test_fork_from_the_body() -> None:
    ticker = Ticker(0.001)
    for tick in ticker:
        if tick.number == 1:
            assert in_child(lambda: [next(ticker) for _ in range(3)]) == 0
        if tick.number == 3:
            break
    assert ticker.ticks == 4
