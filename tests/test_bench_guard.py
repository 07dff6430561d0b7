"""The floors that guard the ratios in CI."""

from pathlib import Path

import pytest

import bench_reports
import bench_suite  # noqa: F401 - makes the next imports possible
import guard
from guard import Floor
from selection import select


def falls(*floors: Floor) -> list[str]:
    return [f"{fall.floor}: {fall.why}" for fall in guard.fallen_below(bench_reports.report(), list(floors))]


def test_fall_below_a_floor_is_told_and_a_ratio_above_it_is_not() -> None:
    assert falls(Floor("sums", "time", "peer & co", 2.07)) == []
    assert falls(Floor("sums", "time", "peer & co", 2.1)) == [
        "sums, time, beside peer & co: 2.08x, and the floor is 2.10x"
    ]


def test_floor_for_nothing_is_a_mistake_but_not_for_what_was_not_run() -> None:
    assert falls(Floor("sums", "tim", "peer & co", 1)) == [
        "sums, tim, beside peer & co: there is no such figure (any more)"
    ]
    assert falls(Floor("other", "time", "peer", 1)) == []


def test_peer_that_went_wrong_or_is_absent_is_no_regression() -> None:
    assert falls(Floor("sums", "time", "hung", 9), Floor("sums", "time", "elsewhere", 9)) == []


def test_windlass_that_went_wrong_is() -> None:
    report = bench_reports.report()
    report.outcomes[0].standings["windlass"].state = "crashed"
    (fall,) = guard.fallen_below(report, [Floor("sums", "time", "peer & co", 0.1)])
    assert fall.why == "windlass gave no figure"
    report.outcomes[0].standings["windlass"].state = "unavailable"  # numpy is missing, say
    assert list(guard.fallen_below(report, [Floor("sums", "time", "peer & co", 9)])) == []


def test_file_of_floors(tmp_path: Path) -> None:
    path = tmp_path / "floors.toml"
    path.write_text('[a-b]\n"x/y" = { "p.Q" = 2, r = 0.5 }\nz = { r = 1 }\n')
    assert guard.read_floors(path) == [
        Floor("a-b", "x/y", "p.Q", 2.0),
        Floor("a-b", "x/y", "r", 0.5),
        Floor("a-b", "z", "r", 1.0),
    ]


@pytest.mark.slow
def test_every_floor_is_for_a_figure_that_the_quick_suite_has() -> None:
    rows = {
        (entry.measure.name, row.figure, row.peer)
        for entry in select([], None, quick=True, null=False)
        for row in entry.measure.rows
    }
    floors = guard.read_floors()
    assert len(floors) >= 20
    assert [str(floor) for floor in floors if (floor.measure, floor.figure, floor.peer) not in rows] == []
    assert all(floor.least > 0 for floor in floors)
