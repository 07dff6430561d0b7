"""BackgroundWorker: back to back, with delays, on an interval; changed, paused and limited while it runs."""

import itertools
import threading
import time
from typing import Any

import pytest

from recorded_calls import LIMIT, Calls, Gated
from windlass import BackgroundWorker

HOUR = 3600.0


def test_runs_follow_one_another_without_a_delay() -> None:
    calls = Calls()
    worker = BackgroundWorker(func=calls)
    worker.start()
    calls.wait_for(100)
    assert worker.stop()
    count = calls.count
    assert worker.statistics().ticks == count
    time.sleep(0.01)
    assert calls.count == count


def test_false_ends_the_loop_and_nothing_else_does() -> None:
    answers = iter([None, 0, "", [], False, None])
    seen: list[Any] = []

    def fn() -> Any:
        seen.append(next(answers))
        return seen[-1]

    worker = BackgroundWorker(func=fn)
    worker.start()
    assert worker.join(LIMIT)
    assert seen == [None, 0, "", [], False]
    assert not worker.is_active()


@pytest.mark.parametrize("parameters", [{"delay": HOUR}, {"interval": HOUR}, {"delay_after": HOUR}])
def test_the_first_run_comes_at_once_and_a_stop_ends_the_sleep(parameters: Any) -> None:
    calls = Calls()
    worker = BackgroundWorker(func=calls, **parameters)
    worker.start()
    calls.wait_for(1)
    assert worker.stop(timeout=LIMIT)
    assert calls.count == 1


def test_delay_before_comes_before_the_first_run() -> None:
    calls = Calls()
    worker = BackgroundWorker(func=calls, delay_before=HOUR)
    worker.start()
    assert worker.stop(timeout=LIMIT)
    assert calls.count == 0
    worker.delay_before = 0.001
    worker.start()
    calls.wait_for(2)
    worker.delay_before = HOUR
    worker.delay_before = None
    calls.wait_for(calls.count + 2)
    assert worker.stop(timeout=LIMIT)


def test_delay_before_works_with_an_interval() -> None:
    lateness: list[int] = []

    def fn(tick: Any) -> None:
        lateness.append(time.monotonic_ns() - tick.release_ns)

    worker = BackgroundWorker(func=fn, interval=0.02, delay_before=0.005, max_ticks=3)
    worker.start()
    assert worker.join(LIMIT)
    assert min(lateness) >= 5_000_000


def test_delay_is_never_cut_short() -> None:
    times: list[float] = []
    worker = BackgroundWorker(func=lambda: times.append(time.monotonic()), delay=0.01, max_ticks=4)
    worker.start()
    assert worker.join(LIMIT)
    assert all(later - sooner >= 0.01 for sooner, later in itertools.pairwise(times))
    assert worker.statistics().lateness.count == 4


@pytest.mark.parametrize("name", ["interval", "delay"])
def test_change_while_asleep_for_an_hour_is_seen_at_once(name: str) -> None:
    calls = Calls()
    worker = BackgroundWorker(func=calls, **{name: HOUR})
    worker.start()
    calls.wait_for(1)
    setattr(worker, name, 0.001)
    calls.wait_for(5)
    setattr(worker, name, HOUR)
    assert getattr(worker, name) == HOUR
    assert worker.stop(timeout=LIMIT)


def test_interval_comes_and_goes_only_between_starts() -> None:
    calls = Calls()
    worker = BackgroundWorker(func=calls, delay=HOUR)
    worker.start()
    with pytest.raises(RuntimeError, match="interval"):
        worker.interval = 1
    assert (worker.interval, worker.delay) == (None, HOUR)
    worker.stop()
    worker.interval = HOUR
    assert worker.delay is None
    worker.start()
    with pytest.raises(RuntimeError, match="interval"):
        worker.interval = None
    worker.stop()
    assert calls.count <= 2


def test_grid_is_kept_whatever_the_machine_does() -> None:
    numbers: list[int] = []
    missed: list[int] = []

    def fn(tick: Any) -> None:
        numbers.append(tick.release_ns)
        missed.append(tick.missed)
        if len(numbers) == 3:
            time.sleep(0.035)  # three and a half intervals

    worker = BackgroundWorker(func=fn, interval=0.01, max_ticks=6)
    worker.start()
    assert worker.join(LIMIT)
    offsets = [(release - numbers[0]) % 10_000_000 for release in numbers]
    assert offsets == [0] * 6  # no release is off the grid
    steps = (numbers[-1] - numbers[0]) // 10_000_000
    assert steps == 5 + sum(missed)
    statistics = worker.statistics()
    # What was given up after the last run is counted when the next tick comes; there is none.
    assert (statistics.ticks, statistics.missed) == (6, sum(missed))
    assert statistics.missed >= 2
    assert statistics.overruns >= 1
    assert statistics.lateness.count == 6
    assert statistics.period_jitter.count == 5
    assert statistics.run_time.count == 6
    assert statistics.run_time.maximum >= 0.035


def test_burst_makes_up_for_lost_ticks() -> None:
    gate = threading.Event()
    worker = BackgroundWorker(
        func=lambda: gate.wait(LIMIT) and None, interval=0.005, missed="burst", max_burst=None, max_ticks=5
    )
    worker.start()
    time.sleep(0.03)  # let five releases pass
    gate.set()
    assert worker.join(LIMIT)
    assert worker.statistics().missed == 0


@pytest.mark.parametrize("parameters", [{}, {"interval": 0.001}, {"delay": 0.001}])
def test_pause_lets_no_run_begin(parameters: Any) -> None:
    calls = Gated()
    worker = BackgroundWorker(func=calls, **parameters)
    worker.pause()  # not active: no effect
    worker.start()
    calls.wait_for(1)
    worker.pause()
    assert worker.paused
    calls.release(10)
    time.sleep(0.02)
    assert calls.count == 1
    assert worker.is_active()
    worker.resume()
    calls.wait_for(5)
    worker.pause()
    calls.release(10)
    assert worker.stop(timeout=LIMIT)  # a paused worker stops as well
    assert not worker.paused


@pytest.mark.parametrize("parameters", [{}, {"interval": 0.001}, {"delay": 0.0001}])
def test_max_ticks(parameters: Any) -> None:
    calls = Calls()
    worker = BackgroundWorker(func=calls, max_ticks=3, **parameters)
    for start in range(1, 3):
        assert worker.start()
        assert worker.join(LIMIT)
        assert calls.count == 3 * start
        assert worker.statistics().ticks == 3


@pytest.mark.parametrize("parameters", [{}, {"interval": 0.001}, {"interval": HOUR}, {"delay": HOUR}])
def test_duration_ends_the_loop(parameters: Any) -> None:
    calls = Calls()
    worker = BackgroundWorker(func=calls, duration=0.03, **parameters)
    begin = time.monotonic()
    worker.start()
    assert worker.join(LIMIT)
    assert time.monotonic() - begin >= 0.03
    assert calls.count >= 1
    assert not worker.is_active()


def test_statistics_before_the_first_start_and_reset() -> None:
    worker = BackgroundWorker(func=Calls(), interval=0.001, max_ticks=3)
    nothing = worker.statistics()
    assert (nothing.ticks, nothing.lateness.count, nothing.lateness.p99) == (0, 0, None)
    worker.start()
    assert worker.join(LIMIT)
    assert worker.statistics(reset=True).run_time.count == 3
    after = worker.statistics()
    assert (after.ticks, after.run_time.count, after.lateness.count) == (3, 0, 0)
    with pytest.raises(AttributeError):
        after.ticks = 0  # type: ignore[misc]


def test_realtime_spins_and_the_rest_does_not() -> None:
    assert BackgroundWorker(interval=1, realtime=True).options.ticker(1).spin == 100e-6
    assert BackgroundWorker(interval=1).options.ticker(1).spin == 0
    assert BackgroundWorker(interval=1, spin=1e-5).options.ticker(1).spin == pytest.approx(1e-5)
