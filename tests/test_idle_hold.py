"""How long all tickers of a process may hold the GIL idle."""

import pytest

from windlass import background_worker
from windlass._core.idle_hold import IdleHolds

MS = 1_000_000


def test_half_of_each_window_at_most() -> None:
    holds = IdleHolds()
    now = 1_000 * MS
    for _ in range(10):
        assert holds.may_hold(5 * MS, now)
        holds.note(now, now + 5 * MS)
        now += 8 * MS
    assert not holds.may_hold(5 * MS, now)
    assert not holds.may_hold(1, now)
    assert holds.total == 50 * MS
    now = 1_100 * MS
    assert holds.may_hold(50 * MS, now)
    assert not holds.may_hold(50 * MS + 1, now)


@pytest.mark.parametrize(
    ("parameters", "mode"),
    [
        ({}, "after"),
        ({"realtime": True}, "auto"),
        ({"gil": "early"}, "early"),
        ({"realtime": True, "gil": "after"}, "after"),
    ],
    ids=["plain", "realtime", "given", "realtime and given"],
)
def test_only_realtime_workers_hold_it_unless_told_to(parameters: dict[str, object], mode: str) -> None:
    worker = background_worker(interval=1.0, **parameters)(lambda: None)
    assert worker.options.ticker(1.0).gil == mode
