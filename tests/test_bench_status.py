"""The exit status of a run: windlass must do well, its peers need not, and no ratio may fall below its floor twice."""

import pytest

import bench_measures
import bench_suite  # noqa: F401 - makes the next imports possible
import compare
import guard
import machine
import selection
from guard import Floor

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the machine for a moment only."""
    monkeypatch.setattr(machine, "LOOK", 0.01)


def run(monkeypatch: pytest.MonkeyPatch, *makes: object, floors: list[Floor] | None = None) -> int:
    monkeypatch.setattr(selection, "SUBJECTS", {"tests": makes})
    monkeypatch.setattr(guard, "read_floors", lambda: floors or [])
    return compare.main(["--quick", "--rounds", "1", "--guard"])


def test_peer_that_goes_wrong_fails_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, bench_measures.measure) == 0
    out = capsys.readouterr().out
    for trouble in ("crashing crashed: its process was ended by SIGKILL", "hanging hung: no result within 5 s"):
        assert f"sums: {trouble}" in out


def test_windlass_that_goes_wrong_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, bench_measures.failing, bench_measures.peaceful) == 1
    out = capsys.readouterr().out
    assert "failure: windlass failed: OSError: out of luck" in out
    assert "[tests: peace:" in out, "and the run goes on"


def test_ratio_below_its_floor_twice_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    floors = [Floor("peace", "time", "slow", 1e9), Floor("peace", "quick", "slow", 0.5)]
    assert run(monkeypatch, bench_measures.peaceful, floors=floors) == 1
    streams = capsys.readouterr()
    assert "below its floor: peace, time, beside slow" in streams.out
    assert streams.err.count("[1/1] tests: peace, 1 rounds") == 2, "measured once more before it counts"


def test_fall_that_does_not_come_again_is_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    fall = guard.Fall(Floor("peace", "time", "slow", 1.0), "by chance")
    answers = iter([[fall], []])
    monkeypatch.setattr(guard, "fallen_below", lambda _report, _floors: next(answers))
    assert run(monkeypatch, bench_measures.peaceful) == 0
