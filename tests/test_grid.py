"""What each policy does with late ticks, by example; the time is given, so nothing waits."""

import pytest

from windlass._core.grid import ReleaseGrid

NEVER = 2**63 - 1


def loop(grid: ReleaseGrid, runs: list[int], now: int = 0) -> list[tuple[int, int, int, int]]:
    """Run a loop whose ticks take ``runs``; return start, release, lateness and missed of each tick."""
    ticks = []
    grid.begin(now)
    for run in runs:
        grid.arrive(now)
        tick = None
        while tick is None:
            now = max(now, grid.next)
            tick = grid.start(now)
        ticks.append((now, *tick))
        now += run
    return ticks


def test_punctual_loop_is_on_the_grid() -> None:
    assert loop(ReleaseGrid(10), [3] * 4) == [(at, at, 0, 0) for at in (0, 10, 20, 30)]


def test_run_of_just_one_period_is_not_late() -> None:
    for policy in ("skip", "drop", "burst", "delay"):
        assert loop(ReleaseGrid(10, policy), [10] * 4) == [(at, at, 0, 0) for at in (0, 10, 20, 30)]


def test_skip_runs_the_late_tick_once_and_then_the_next_of_the_grid() -> None:
    assert loop(ReleaseGrid(10), [35, 1, 1]) == [(0, 0, 0, 0), (35, 10, 25, 0), (40, 40, 0, 2)]


def test_drop_runs_no_late_tick() -> None:
    assert loop(ReleaseGrid(10, "drop"), [35, 1, 1]) == [(0, 0, 0, 0), (40, 40, 0, 3), (50, 50, 0, 0)]


def test_burst_runs_all_until_it_has_caught_up() -> None:
    expected = [(0, 0, 0, 0), (35, 10, 25, 0), (36, 20, 16, 0), (37, 30, 7, 0), (40, 40, 0, 0)]
    assert loop(ReleaseGrid(10, "burst"), [35, 1, 1, 1, 1]) == expected


def test_burst_is_limited_and_the_rest_is_missed() -> None:
    expected = [(0, 0, 0, 0), (95, 10, 85, 0), (95, 20, 75, 0), (95, 30, 65, 0), (100, 100, 0, 6)]
    assert loop(ReleaseGrid(10, "burst", 3), [95, 0, 0, 0, 0]) == expected


def test_burst_of_one_is_skip() -> None:
    runs = [35, 1, 95, 10, 11, 3, 200, 0, 1]
    assert loop(ReleaseGrid(10, "burst", 1), runs) == loop(ReleaseGrid(10, "skip"), runs)


def test_delay_begins_the_grid_anew() -> None:
    assert loop(ReleaseGrid(10, "delay"), [35, 1, 1]) == [(0, 0, 0, 0), (35, 10, 25, 0), (45, 45, 0, 0)]


def test_waking_late_is_not_being_late() -> None:
    """A thread that slept wakes a little after the release: no policy may take that for a late tick."""
    for policy in ("skip", "drop", "burst", "delay"):
        grid = ReleaseGrid(10, policy)
        grid.begin(0)
        for release in range(0, 100, 10):
            grid.arrive(release)
            assert grid.start(release + 3) == (release, 3, 0)


@pytest.mark.parametrize("jump", [1_000, 10**15, NEVER // 20 * 10])
def test_jump_of_the_clock_is_one_event(jump: int) -> None:
    """As after a suspend: no burst beyond the limit, and the grid goes on where it would be."""
    missed = jump // 10
    begun = {policy: ReleaseGrid(10, policy, 4) for policy in ("skip", "drop", "burst", "delay")}
    for grid in begun.values():
        grid.begin(0)
        grid.arrive(0)
        assert grid.start(0) == (0, 0, 0)
        grid.arrive(1)
    assert begun["skip"].start(jump + 5) == (10, jump - 5, 0)
    assert (begun["skip"].next, begun["skip"].missed) == (jump + 10, missed - 1)
    assert begun["drop"].start(jump + 5) is None
    assert (begun["drop"].next, begun["drop"].missed) == (jump + 10, missed)
    assert [begun["burst"].start(jump + 5)[0] for _ in range(4)] == [10, 20, 30, 40]
    assert (begun["burst"].next, begun["burst"].missed) == (jump + 10, missed - 4)
    assert begun["delay"].start(jump + 5) == (10, jump - 5, 0)
    assert (begun["delay"].next, begun["delay"].missed) == (jump + 15, 0)


def test_new_period_counts_from_the_last_release() -> None:
    grid = ReleaseGrid(1_000)
    grid.begin(0)
    assert grid.start(3) == (0, 3, 0)
    grid.change(10, 42)
    assert grid.next == 50  # the first point after now; what would have passed is not missed
    assert grid.start(50) == (50, 0, 0)
    grid.change(1_000, 51)
    assert grid.next == 1_050


def test_new_period_before_the_first_tick_leaves_it_where_it_is() -> None:
    grid = ReleaseGrid(10)
    grid.begin(100)
    grid.change(3, 50)
    assert grid.next == 100
    late = ReleaseGrid(10)
    late.begin(100, at_once=False)
    late.change(3, 50)
    assert late.next == 103


def test_what_passes_in_a_pause_is_neither_run_nor_missed() -> None:
    grid = ReleaseGrid(10)
    grid.begin(0)
    grid.start(0)
    grid.resume(31)
    assert (grid.next, grid.missed) == (40, 0)
    grid.resume(39)
    assert grid.next == 40


def test_release_beyond_the_clock_never_comes() -> None:
    grid = ReleaseGrid(2**62)
    grid.begin(NEVER - 100)
    assert grid.start(NEVER - 1) == (NEVER - 100, 99, 0)
    assert grid.next == NEVER
    grid.change(10, NEVER - 50)
    assert grid.next == NEVER - 40


def test_nothing_starts_early() -> None:
    grid = ReleaseGrid(10)
    grid.begin(100)
    with pytest.raises(ValueError, match="nothing is due"):
        grid.start(99)
