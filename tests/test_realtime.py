"""Realtime scheduling on request: what was granted is told, what was not is told why, and all of it is given back."""

import gc
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from waiting import run_threads, until
from windlass import RealtimeGrant, realtime_thread
from windlass._core.time_slice import time_slice_ns
from windlass._core.timer_slack import timer_slack_ns
from windlass.realtime import current_grant
from windlass.ticker import Ticker

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")


def in_thread(body: Callable[[], None]) -> None:
    """Change the scheduling of a thread that ends, not of the one that runs the tests."""
    run_threads(body)


def test_asking_for_nothing_changes_nothing() -> None:
    before = current_grant()
    with realtime_thread() as grant:
        assert grant == before
        assert grant.refused == ()
    assert current_grant() == before


@linux
@pytest.mark.parametrize("policy", ["fifo", "rr"])
def test_class_is_granted_or_the_refusal_explained(policy: str) -> None:
    def body() -> None:
        before = current_grant()
        with realtime_thread(policy, priority=7) as grant:
            assert grant == current_grant(grant.refused)
            if grant.refused:
                (why,) = grant.refused
                assert f"scheduling class {policy}: " in why
                assert "RLIMIT_RTPRIO" in why
                assert grant.policy == before.policy
            else:
                assert (grant.policy, grant.priority) == (policy, 7)
        assert current_grant() == before

    in_thread(body)


@linux
def test_class_that_anybody_may_have_is_granted() -> None:
    def body() -> None:
        with realtime_thread("batch") as grant:
            assert (grant.policy, grant.priority, grant.refused) == ("batch", 0, ())
        assert current_grant().policy == "other"

    in_thread(body)


@linux
def test_processors_are_granted_and_given_back() -> None:
    def body() -> None:
        before = current_grant()
        assert before.cpus
        with realtime_thread(cpus=[before.cpus[0]]) as grant:
            assert grant.cpus == before.cpus[:1]
        assert current_grant() == before

    in_thread(body)


@linux
def test_processor_that_is_not_there_is_refused_in_words() -> None:
    def body() -> None:
        with realtime_thread(cpus=[4_000]) as grant:
            assert grant.refused == ("processors 4000: Invalid argument",)

    in_thread(body)


@linux
def test_required_means_all_or_nothing() -> None:
    def body() -> None:
        before = current_grant()
        with pytest.raises(OSError, match="Invalid argument"), realtime_thread("batch", cpus=[4_000], required=True):
            pytest.fail("entered")
        assert current_grant() == before

    in_thread(body)


@linux
def test_threads_started_inside_do_not_inherit_the_class() -> None:
    inherited: list[RealtimeGrant] = []

    def body() -> None:
        with realtime_thread("fifo", priority=1) as grant:
            if grant.refused:
                pytest.skip("no realtime scheduling for this user")
            run_threads(lambda: inherited.append(current_grant()))

    in_thread(body)
    assert [grant.policy for grant in inherited] == ["other"]


def test_another_thread_cannot_leave() -> None:
    manager = realtime_thread()
    manager.__enter__()

    def leave() -> None:
        with pytest.raises(RuntimeError, match="must be left by the thread"):
            manager.__exit__(None, None, None)

    run_threads(leave)


@pytest.mark.parametrize(
    ("wish", "error", "message"),
    [
        ({"policy": "FIFO"}, ValueError, "policy must be one of other, batch, idle, fifo, rr"),
        ({"policy": "fifo", "priority": 0}, ValueError, "priority must be 1 to 99, not 0"),
        ({"policy": "rr", "priority": 100}, ValueError, "priority must be 1 to 99"),
        ({"priority": 5}, ValueError, "priority needs policy 'fifo' or 'rr', not None"),
        ({"policy": "batch", "priority": 5}, ValueError, "priority needs policy"),
        ({"cpus": []}, ValueError, "cpus must name at least one"),
        ({"cpus": [-1]}, ValueError, "cpus must be 0 to 65535, not -1"),
        ({"cpus": [2**40]}, ValueError, "cpus must be 0 to 65535, not 1099511627776"),
        ({"cpus": ["0"]}, TypeError, "cpus must be whole numbers, not str"),
        ({"cpus": 3}, TypeError, "cpus must be several numbers"),
        ({"policy": "fifo", "priority": 50.5}, TypeError, "priority must be a whole number, not float"),
        ({"policy": "fifo", "priority": "high"}, TypeError, "priority must be a whole number, not str"),
    ],
)
def test_senseless_wish_is_refused_by_the_call(wish: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        realtime_thread(**wish)


@linux
def test_wait_lowers_the_timer_slack_and_gives_it_back() -> None:
    """Of the waiting thread and only while it sleeps, which another thread can see in /proc."""
    before = timer_slack_ns()
    ticker = Ticker(3600)
    identity: list[int] = []

    def loop() -> None:
        identity.append(threading.get_native_id())
        list(ticker)
        assert timer_slack_ns() == before

    def look() -> None:
        try:
            while not identity or slack_of(identity[0]) != 1:
                assert not ticker.stopped
        except PermissionError:
            pass  # not for us to see
        finally:
            ticker.stop()

    run_threads(loop, look)
    assert timer_slack_ns() == before


def test_loop_shortens_the_time_slice_and_gives_it_back() -> None:
    """Until the loop hears of its end, stops its own ticker, or lets go of it."""

    def body() -> None:
        before = time_slice_ns()
        ticker = Ticker(0.001)
        assert next(ticker) is not None
        assert time_slice_ns() == before  # nothing has slept yet
        short = None if before is None else min(before, 100_000)
        until(lambda: next(ticker) and time_slice_ns() == short)  # not with the next tick, if that one is late
        run_threads(ticker.stop)  # another thread's
        assert ticker.wait() is None
        assert time_slice_ns() == before
        for leave in ("stop", "forget"):
            ticker = Ticker(0.001, start="next")
            assert next(ticker) is not None
            if leave == "stop":
                ticker.stop()
            else:
                del ticker
                gc.collect()
            assert time_slice_ns() == before

    in_thread(body)


def slack_of(thread: int) -> int:
    with open(f"/proc/{thread}/timerslack_ns") as file:
        return int(file.read())
