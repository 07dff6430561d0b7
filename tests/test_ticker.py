"""A ticker by itself: never early, every release accounted for, whatever the machine does meanwhile."""

import itertools
import sys
import time
from collections.abc import Iterable

import pytest

from loop_threads import busy_threads
from windlass import Tick, Ticker

POLICIES = ["skip", "drop", "burst"]  # those that keep the grid
GIL = ["auto", "after", "early"]


def assert_grid(ticks: Iterable[tuple[int, int, int, int]], period: int) -> None:
    """Check the identities of a loop: number, release, lateness and missed of each tick."""
    before: tuple[int, int] | None = None
    for expected, (number, release, lateness, missed) in enumerate(ticks):
        assert number == expected
        assert lateness >= 0
        if before is not None:
            assert release == before[0] + (missed + 1) * period
        before = release, lateness


def facts(tick: Tick) -> tuple[int, int, int, int]:
    return tick.number, tick.release_ns, tick.lateness_ns, tick.missed


@pytest.mark.parametrize("gil", GIL)
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("spin", [0, 100e-6])
def test_grid_holds(policy: str, gil: str, spin: float) -> None:
    ticker = Ticker(0.001, missed=policy, gil=gil, spin=spin)
    ticks = []
    for tick in itertools.islice(ticker, 40):
        assert time.monotonic_ns() >= tick.release_ns  # never early
        ticks.append(facts(tick))
    assert_grid(ticks, 1_000_000)
    assert ticker.ticks == 40
    assert ticker.total_missed == sum(missed for *_, missed in ticks)


@pytest.mark.parametrize("policy", POLICIES)
def test_grid_holds_when_runs_take_longer_than_the_interval(policy: str) -> None:
    ticker = Ticker(0.001, missed=policy, max_burst=3)
    ticks = []
    for tick in itertools.islice(ticker, 12):
        ticks.append(facts(tick))
        end = time.monotonic_ns() + 3_500_000 * (tick.number % 3 == 0)
        while time.monotonic_ns() < end:
            pass
    assert_grid(ticks, 1_000_000)
    assert ticker.overruns >= 4
    assert ticker.total_missed >= {"skip": 8, "drop": 12, "burst": 0}[policy]


@pytest.mark.slow
@pytest.mark.parametrize("gil", GIL)
def test_grid_holds_beside_four_busy_threads(gil: str) -> None:
    with busy_threads(4):
        ticks = [facts(tick) for tick in itertools.islice(Ticker(0.005, gil=gil), 20)]
    assert_grid(ticks, 5_000_000)


def test_delay_counts_from_the_late_start() -> None:
    ticker = Ticker(0.001, missed="delay")
    first = next(ticker)
    end = first.release_ns + 3_500_000
    while time.monotonic_ns() < end:
        pass
    late = next(ticker)
    assert late.release_ns == first.release_ns + 1_000_000
    assert late.lateness_ns >= 2_500_000
    after = next(ticker)
    assert after.release_ns == late.started_ns + 1_000_000
    assert ticker.total_missed == 0


def test_tick_tells_its_times_in_seconds_too() -> None:
    before = time.monotonic()
    tick = next(Ticker(3600))
    assert before <= tick.release <= tick.release + tick.lateness <= time.monotonic()
    assert tick.release == tick.release_ns / 1e9
    assert tick.lateness == tick.lateness_ns / 1e9
    assert tick.started_ns == tick.release_ns + tick.lateness_ns
    assert tick.gil_wait == tick.gil_wait_ns / 1e9
    assert "Tick 0" in repr(tick)
    with pytest.raises(AttributeError):
        tick.number = 5  # type: ignore[misc]


def test_ticks_that_are_kept_never_change() -> None:
    ticks = list(itertools.islice(Ticker(0.0001), 20))
    assert [tick.number for tick in ticks] == list(range(20))
    assert len({tick.release_ns for tick in ticks}) == 20


@pytest.mark.skipif(not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="the reference count does not tell")
def test_ticks_that_nobody_keeps_are_used_again() -> None:
    ticker = Ticker(0.0001)
    places = set()
    for tick in itertools.islice(ticker, 20):
        places.add(id(tick))
    assert len(places) <= 3  # two in turn; islice may hold one more


def test_first_tick_is_at_the_start_or_one_interval_later() -> None:
    now = Ticker(3600)
    later = Ticker(3600, start="next")
    before = time.monotonic_ns()
    tick = now.wait(0)
    assert later.wait(0) is None
    after = time.monotonic_ns()
    assert tick is not None
    assert before <= tick.release_ns <= after
    assert later.next_release_ns is not None
    assert before <= later.next_release_ns - 3600 * 10**9 <= after


def test_phase_moves_the_grid() -> None:
    ticker = Ticker(1, phase=7200.5)
    before = time.monotonic_ns()
    assert ticker.wait(0) is None
    after = time.monotonic_ns()
    assert ticker.next_release_ns is not None
    assert before <= ticker.next_release_ns - 7_200_500_000_000 <= after


def test_align_puts_the_grid_on_the_wall_clock() -> None:
    ticker = Ticker(0.25, align=3600, phase=60)
    assert ticker.wait(0) is None
    assert ticker.next_release_ns is not None
    wall = time.time_ns() - time.monotonic_ns() + ticker.next_release_ns - 60 * 10**9
    off = (wall + 1800 * 10**9) % (3600 * 10**9) - 1800 * 10**9
    assert abs(off) < 20 * 10**9  # the two clocks were not read at one moment


def test_next_release_is_known_while_one_is_to_come() -> None:
    ticker = Ticker(3600)
    assert ticker.next_release_ns is None
    tick = next(ticker)
    assert ticker.next_release_ns == tick.release_ns + 3600 * 10**9
    ticker.pause()
    assert ticker.next_release_ns is None
    ticker.resume()
    assert ticker.next_release_ns == tick.release_ns + 3600 * 10**9
    ticker.stop()
    assert ticker.next_release_ns is None


def test_time_limit_leaves_the_tick_to_come() -> None:
    ticker = Ticker(3600)
    first = next(ticker)
    release = ticker.next_release_ns
    assert ticker.wait(0) is None
    assert ticker.wait(0.001) is None
    assert not ticker.stopped
    assert ticker.next_release_ns == release
    ticker.interval = 1e-3
    second = ticker.wait(20)
    assert second is not None
    assert second.release_ns > first.release_ns


def test_waking_for_a_time_limit_makes_nobody_late() -> None:
    """A loop that polls has not overrun, however late it looks: only "drop" would show it."""
    ticker = Ticker(0.05, missed="drop")
    assert ticker.wait(0) is not None
    while (tick := ticker.wait(0)) is None:
        pass
    assert tick.number == 1


def test_gigantic_interval_never_comes() -> None:
    for interval in (1e300, 10**400):
        ticker = Ticker(interval)
        assert ticker.wait(0) is not None
        assert ticker.wait(0.001) is None
    assert Ticker(1e300).interval == 2**62 / 1e9


def test_statistics_count_everything_once() -> None:
    ticker = Ticker(0.0005)
    for _ in itertools.islice(ticker, 30):
        pass
    statistics = ticker.statistics()
    assert (statistics.ticks, statistics.missed) == (30, ticker.total_missed)
    assert statistics.lateness.count == 30
    assert statistics.period_jitter.count == 29
    assert statistics.run_time.count == 29  # the last run is not over
    assert statistics.gil_wait.count <= 30
    lateness = statistics.lateness
    values = lateness.minimum, lateness.p50, lateness.p90, lateness.p99, lateness.p999, lateness.maximum
    assert all(value is not None for value in values)
    assert sorted(values, key=float) == list(values)  # type: ignore[arg-type]
    assert ticker.statistics(reset=True).lateness == lateness
    assert ticker.statistics().lateness.count == 0
    assert ticker.ticks == 30


def test_histogram_of_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="name must be one of lateness, period_jitter"):
        Ticker(1).histogram("latency")
