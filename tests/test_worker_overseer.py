"""Deadlines, budgets and the watchdog: who is told of late and stuck runs, and on which thread."""

import threading
import time
from typing import Any

import pytest

from recorded_calls import LIMIT, Calls, Gated
from waiting import until
from windlass import BackgroundEventWorker, BackgroundWorker, LateTick


def test_runs_over_the_budget_are_counted_and_told_elsewhere() -> None:
    told = Calls()
    threads: list[int] = []

    def on_overrun(run: LateTick) -> None:
        threads.append(threading.get_ident())
        told(run)

    own: list[int] = []

    def fn() -> None:
        own.append(threading.get_ident())
        time.sleep(0.003)

    worker = BackgroundWorker("anna", fn, budget=0.001, on_overrun=on_overrun, max_ticks=5)
    worker.start()
    assert worker.join(LIMIT)
    assert worker.statistics().overruns == 5
    until(lambda: sum(run.count for run in told.tasks) == 5)
    run = told.tasks[-1]
    assert (run.worker_name, run.number, run.limit) == ("anna", 5, 0.001)
    assert run.run_time >= 0.003
    assert not set(threads) & set(own)


def test_a_slow_callback_does_not_delay_the_loop_and_hears_of_all() -> None:
    told = Gated()
    worker = BackgroundWorker(func=lambda: time.sleep(0.0005), budget=1e-6, on_overrun=told, max_ticks=20)
    worker.start()
    assert worker.join(LIMIT)  # though the callback still waits in its first call
    told.release(20)
    until(lambda: sum(run.count for run in told.tasks) == 20)
    assert told.count < 20


def test_deadline_counts_lateness_too() -> None:
    """A run that is short but begins late misses its deadline; its budget it keeps."""
    missed = Calls()
    first = [True]

    def fn() -> None:
        if first.pop() if first else False:
            time.sleep(0.03)

    worker = BackgroundWorker(
        func=fn, interval=0.005, missed="burst", max_burst=None, budget=0.02, on_miss=missed, max_ticks=6
    )
    worker.start()
    assert worker.join(LIMIT)
    statistics = worker.statistics()
    assert statistics.deadline_misses >= 4  # the long one, and those that made up for it
    assert statistics.overruns < statistics.deadline_misses
    missed.wait_for(1)
    assert missed.tasks[0].limit == pytest.approx(0.005)


def test_explicit_deadline_of_an_event_worker_begins_at_the_trigger() -> None:
    missed, gate = Calls(), threading.Event()
    worker = BackgroundEventWorker(func=lambda: None, deadline=0.001, on_miss=missed)
    worker.trigger()
    time.sleep(0.002)
    worker.start()
    missed.wait_for(1)
    assert missed.tasks[0].lateness >= 0.001
    assert worker.stop(timeout=LIMIT)
    assert not gate.is_set()


def test_callbacks_that_raise_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    bad = Calls(raises=SystemExit("away"))
    worker = BackgroundWorker("bert", lambda: None, budget=1e-9, on_overrun=bad, interval=0.001)
    worker.start()
    bad.wait_for(3)
    assert worker.stop(timeout=LIMIT)
    assert "away" in caplog.text
    # The last callback may come after the stop: not into the log of the next test.
    until(lambda: "bert-overseer" not in [thread.name for thread in threading.enumerate()])


def test_a_callback_may_stop_the_worker_and_wait() -> None:
    stopped = threading.Event()

    def on_miss(run: Any) -> None:
        assert worker.stop(wait=True, timeout=LIMIT)
        stopped.set()

    worker = BackgroundWorker(func=lambda: None, interval=0.001, deadline=1e-9, on_miss=on_miss)
    worker.start()
    assert stopped.wait(LIMIT)
    assert not worker.is_active()


@pytest.mark.slow
def test_watchdog_logs_the_stack_of_a_stuck_run_once(caplog: pytest.LogCaptureFixture) -> None:
    calls = Gated()

    def here_it_hangs() -> None:
        calls()

    # Long enough for the run to come from its start, which counts, to the function, which the stack is to show.
    worker = BackgroundWorker("anna", here_it_hangs, watchdog=0.2)
    worker.start()
    until(lambda: caplog.records)
    time.sleep(0.3)
    (record,) = caplog.records
    assert "anna" in record.getMessage()
    assert "here_it_hangs" in record.getMessage()
    assert worker.statistics().stuck == 1
    worker.stop(wait=False)
    calls.release()
    assert worker.join(LIMIT)


def test_watchdog_tells_of_each_stuck_run_and_of_no_other() -> None:
    stuck, calls = Calls(), Gated()
    worker = BackgroundEventWorker("anna", calls, watchdog=0.02, on_stuck=stuck)
    worker.start()
    for number in (1, 2):
        worker.trigger()
        stuck.wait_for(number)
        assert stuck.tasks[-1].number == number
        calls.wait_for(number)
        assert stuck.tasks[-1].run_time >= 0.02
        calls.release()
    time.sleep(0.05)  # idle is not stuck
    assert stuck.count == 2
    assert worker.stop(timeout=LIMIT)
    assert worker.statistics().stuck == 2


def test_watchdog_of_a_quick_loop_says_nothing() -> None:
    stuck = Calls()
    worker = BackgroundWorker(func=lambda: None, interval=0.001, watchdog=5.0, on_stuck=stuck, duration=0.05)
    worker.start()
    assert worker.join(LIMIT)
    assert stuck.count == 0
