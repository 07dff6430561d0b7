"""Faults inside the attendant of a worker, wherever they come: every task ends, and so does the pool."""

from typing import Any

import pytest

from master_workers import Echo
from process_calls import LIMIT, add
from waiting import start
from windlass import BrokenPool, Master, ProcessPool, WorkerInitError, wait
from windlass.pools import attendant as module
from windlass.pools.attendant import Attendant
from windlass.pools.errand import Errand
from windlass.pools.pace import Pace

PLACES: list[tuple[Any, str]] = [
    (Attendant, "_send"),
    (Attendant, "_send_one"),
    (Attendant, "_turn"),
    (Attendant, "_take_in"),
    (Attendant, "_settle"),
    (Attendant, "_room"),
    (Attendant, "_is_worn"),
    (Attendant, "_patience"),
    (Errand, "finished"),
    (Pace, "note"),
    (module, "limit_ns_of"),
]


@pytest.fixture(params=PLACES, ids=lambda place: place[1])
def fault(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Have something raise at its next call while the list has an item."""
    owner, name = request.param
    armed: list[int] = []
    call = getattr(owner, name)

    def fail_once(*arguments: Any) -> Any:
        if armed:
            armed.pop()
            raise RuntimeError("a fault of ours")
        return call(*arguments)

    monkeypatch.setattr(owner, name, fail_once)
    return armed


def test_no_task_of_a_pool_is_lost(fault: list[int]) -> None:
    pool = ProcessPool(1)
    assert [task.result(LIMIT) for task in pool.submit_many(add, range(100))]  # from here on, several at a time
    fault.append(1)
    tasks = pool.submit_many(add, range(100))
    assert not wait(tasks, LIMIT).not_done
    assert {type(task.exception()) for task in tasks} <= {type(None), BrokenPool}
    assert pool.join(LIMIT)
    assert pool.unfinished_tasks == 0


def test_no_task_of_a_master_is_lost(fault: list[int]) -> None:
    with Master(Echo) as master:
        master.add_worker()
        assert start(lambda: list(master.run(*range(100)))).result(LIMIT)
        fault.append(1)
        results = start(lambda: list(master.run(*range(100)))).result(LIMIT)
    assert len(results) == 100
    assert {type(result) for _, result in results} <= {int, WorkerInitError}
