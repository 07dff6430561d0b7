"""BackgroundEventWorker: what a trigger makes, and that none is lost or made up."""

import signal
import sys
import threading
import time
from typing import Any

import pytest

from recorded_calls import LIMIT, Calls, Gated
from windlass import BackgroundEventWorker, background_worker

OWN_OR_NOT = pytest.mark.parametrize("event", [None, threading.Event], ids=["own", "external"])


def make(event: Any, fn: Any, **parameters: Any) -> BackgroundEventWorker:
    return BackgroundEventWorker(func=fn, event=event and event(), **parameters)


@OWN_OR_NOT
def test_triggers_during_a_run_make_exactly_one_more(event: Any) -> None:
    calls = Gated()
    worker = make(event, calls)
    worker.start()
    worker.trigger()
    calls.wait_for(1)
    for _ in range(5):
        worker.trigger()
    calls.release()
    calls.wait_for(2)
    calls.release(10)
    time.sleep(0.02)
    assert calls.count == 2
    worker.trigger()
    calls.wait_for(3)
    assert worker.stop(timeout=LIMIT)
    assert worker.statistics().lateness.count == 3


@OWN_OR_NOT
def test_trigger_before_start_makes_a_run(event: Any) -> None:
    calls = Calls()
    worker = make(event, calls)
    worker.trigger()
    worker.trigger()
    worker.start("argument", key=1)
    calls.wait_for(1)
    assert worker.stop(timeout=LIMIT)
    assert calls.count == 1
    assert calls.made[0][0] == ("argument",)


@OWN_OR_NOT
def test_stop_is_no_trigger(event: Any) -> None:
    calls = Calls()
    worker = make(event, calls)
    for _ in range(20):
        worker.start()
        assert worker.stop(timeout=LIMIT)
        worker.stop()
        worker.terminate()
    assert calls.count == 0
    assert worker.event is None or not worker.event.is_set()
    worker.start()
    worker.trigger()
    calls.wait_for(1)
    assert worker.stop(timeout=LIMIT)
    assert calls.count == 1


@OWN_OR_NOT
def test_a_trigger_that_found_no_run_before_the_stop_is_kept(event: Any) -> None:
    calls = Gated()
    worker = make(event, calls)
    worker.start()
    worker.trigger()
    calls.wait_for(1)
    worker.trigger()
    worker.stop(wait=False)
    calls.release()
    assert worker.join(LIMIT)
    assert calls.count == 1
    calls.release()
    worker.start()
    calls.wait_for(2)
    assert worker.stop(timeout=LIMIT)


@OWN_OR_NOT
def test_pause_keeps_the_trigger(event: Any) -> None:
    calls = Calls()
    worker = make(event, calls)
    worker.start()
    worker.pause()
    worker.trigger()
    time.sleep(0.01)
    assert calls.count == 0
    worker.resume()
    calls.wait_for(1)
    worker.pause()
    worker.trigger()
    assert worker.stop(timeout=LIMIT)
    assert calls.count == 1


@OWN_OR_NOT
def test_limits(event: Any) -> None:
    worker = make(event, Calls(), duration=0.02)
    worker.start()
    assert worker.join(LIMIT)
    calls = Calls()
    worker = make(event, calls, max_ticks=1)
    worker.trigger()
    worker.start()
    assert worker.join(LIMIT)
    assert calls.count == 1


def test_one_event_set_by_others() -> None:
    event, calls = threading.Event(), Calls()
    worker = background_worker(event=event)(calls)
    worker.start()
    event.set()
    calls.wait_for(1)
    event.set()
    calls.wait_for(2)
    assert worker.stop(timeout=LIMIT)


@pytest.mark.stress
def test_no_trigger_is_lost_between_threads() -> None:
    """After the last trigger there is always a run that began after it."""
    posted = seen = 0

    def fn() -> None:
        nonlocal seen
        seen = posted

    worker = BackgroundEventWorker(func=fn)
    worker.start()
    old = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(300):
            posted += 1
            worker.trigger()
            end = time.monotonic() + LIMIT
            while seen != posted:
                assert time.monotonic() < end
    finally:
        sys.setswitchinterval(old)
    assert worker.stop(timeout=LIMIT)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timer signals")
def test_a_signal_handler_may_trigger() -> None:
    calls = Calls()
    worker = BackgroundEventWorker(func=calls)
    worker.start()
    old = signal.signal(signal.SIGALRM, lambda *_: worker.trigger())
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.0005)
    try:
        for _ in range(2000):
            worker.trigger()  # interrupted by the handler at any point
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    calls.wait_for(1)
    assert worker.stop(timeout=LIMIT)
