"""What docs/realtime.md shows runs, and its picture of late ticks is what the grid does."""

import re
from pathlib import Path
from typing import Any

import pytest

import windlass
from windlass._core.grid import ReleaseGrid

PAGE = Path(__file__).parents[1] / "docs" / "realtime.md"
LIMIT = 10
pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="needs a checkout")


class Short(windlass.Ticker):
    """Stops after a few ticks, as those of the page never do."""

    def __next__(self) -> windlass.Tick:
        tick = super().__next__()
        if tick.number == 3:
            self.stop()
        return tick


@pytest.mark.parametrize("block", range(3))
def test_code_runs(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windlass, "Ticker", Short)
    code = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert len(code) == 3
    runs: list[int] = []
    names: dict[str, Any] = {"control": lambda: runs.append(1)}
    exec(code[block], names)
    worker = names["control"]
    if isinstance(worker, windlass.BackgroundWorker):
        assert worker.is_active()
        assert worker.stop(timeout=LIMIT)
    else:
        assert len(runs) == 4


@pytest.mark.parametrize("policy", ["skip", "drop", "burst", "delay"])
def test_picture_of_late_ticks(policy: str) -> None:
    rows = re.findall(rf"^ {policy} .*\[.*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    drawn = [int(release) for release in re.findall(r"\[(\d+)\]", rows[0])]
    grid = ReleaseGrid(10, policy)
    grid.begin(0)
    grid.arrive(0)
    assert grid.start(0) is not None
    now, done = 35, []  # the first run has ended; all others take no time
    while len(done) < len(drawn):
        grid.arrive(now)
        now = max(now, grid.next)
        if (tick := grid.start(now)) is not None:
            done.append(tick[0])
    assert done == drawn
