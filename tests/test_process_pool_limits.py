"""What ends a worker on purpose: a task's time, a number of tasks, its memory; and what it is not to hoard."""

import math
from importlib import import_module
from typing import Any

import pytest

from process_calls import LIMIT, METHODS, Gate, add, await_end, hang, pid_of, same
from waiting import start
from windlass import BrokenPool, ProcessPool, TaskTimeout, ThreadPool, worker_state


def test_a_task_that_takes_too_long_is_killed_with_its_worker() -> None:
    with ProcessPool(2, task_timeout=0.2) as pool:
        patient = pool.options(task_timeout=LIMIT)  # for what may take 0.2 s on a busy machine too
        pid = patient.submit(pid_of).result(LIMIT)
        late = [pool.submit(hang) for _ in range(2)]
        others = [patient.submit(add, at) for at in range(20)]
        for task in late:
            assert isinstance(task.exception(LIMIT), TaskTimeout)
        assert [task.result(LIMIT) for task in others] == list(range(1, 21))
        await_end(pid)


def test_a_task_may_have_its_own_limit(gate: Gate) -> None:
    with ProcessPool(1) as pool:
        assert isinstance(pool.options(task_timeout=0.1).submit(hang).exception(LIMIT), TaskTimeout)
        long = pool.options(task_timeout=LIMIT).submit(gate.pass_through, 5)
        gate.wait_for_arrival()
        gate.let_go()
        assert long.result(LIMIT) == 5


def test_tasks_sent_ahead_do_not_suffer_from_a_slow_one(gate: Gate) -> None:
    with ProcessPool(1) as pool:
        for task in pool.submit_many(add, range(300)):  # now it is known for short tasks, and is sent many at once
            task.result(LIMIT)
        first = pool.submit(gate.pass_through, "slow")
        gate.wait_for_arrival()
        rest = pool.submit_many(add, range(100))
        pool.set_max_workers(2)
        assert [task.result(LIMIT) for task in rest] == list(range(1, 101))
        assert not first.done()
        gate.let_go()
        assert first.result(LIMIT) == "slow"


def test_what_waits_behind_a_slow_task_is_taken_back(gate: Gate) -> None:
    with ProcessPool(1) as pool:
        for task in pool.submit_many(add, range(300)):
            task.result(LIMIT)
        both = ProcessPool.submit_many(pool, pass_or_add, [(None, at) for at in range(50)] + [(gate, 0)])
        behind = pool.submit_many(add, range(100))
        gate.wait_for_arrival()
        # Some of these may have been sent after the slow one; another worker is to have them nevertheless.
        pool.set_max_workers(2)
        assert [task.result(LIMIT) for task in behind] == list(range(1, 101))
        gate.let_go()
        assert both[-1].result(LIMIT) == "gate"


def pass_or_add(what: tuple[Gate | None, int]) -> Any:
    """Wait at the gate if there is one."""
    gate, number = what
    return number if gate is None else gate.pass_through("gate")


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_workers_are_replaced_after_so_many_tasks(method: str) -> None:
    with ProcessPool(1, max_tasks_per_worker=2, start_method=method) as pool:
        tasks = [pool.submit(pid_of) for _ in range(10)]
        pids = [task.result(LIMIT) for task in tasks]
        assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [2] * 5
    for pid in pids:
        await_end(pid)


def test_the_last_result_of_a_worker_does_not_wait_for_the_next_one(gate: Gate) -> None:
    with ProcessPool(1, initializer=gate.pass_through, max_tasks_per_worker=1) as pool:
        first, second = pool.submit(add, 1), pool.submit(add, 2)
        woken = start(first.result)  # without a limit, at which it would look whether the task has ended
        gate.let_go()
        assert woken.result(LIMIT / 2) == 2
        gate.wait_for_arrival(2)  # the second worker is in its initializer
        gate.let_go()
        assert second.result(LIMIT) == 3


_hoard: list[bytes] = []


def hoard(size: int) -> int:
    """Keep memory."""
    _hoard.append(bytearray(b"x") * size)
    return pid_of()


def test_a_worker_that_has_grown_is_replaced() -> None:
    with ProcessPool(1, max_memory_per_worker=300 << 20) as pool:
        first = pool.submit(hoard, 1000).result(LIMIT)
        grown = pool.submit(hoard, 400 << 20).result(LIMIT)
        after = pool.submit(pid_of).result(LIMIT)
        assert first == grown
        assert after != grown
        await_end(grown)


def begin(value: int) -> dict[str, int]:
    """Make the worker's state."""
    return {"value": value, "pid": pid_of()}


def count_up() -> dict[str, int]:
    """Change it."""
    state: dict[str, int] = worker_state()
    state["value"] += 1
    return state


def test_what_the_initializer_returns_is_the_worker_s_state() -> None:
    assert worker_state() is None
    with ProcessPool(1, initializer=begin, initargs=(5,)) as pool:
        assert pool.submit(count_up).result(LIMIT)["value"] == 6
        state = pool.submit(count_up).result(LIMIT)
        assert state["value"] == 7
        assert state["pid"] == pool.submit(pid_of).result(LIMIT)


def test_an_initializer_has_a_limit_too() -> None:
    pool = ProcessPool(1, initializer=hang, initializer_timeout=0.3)
    assert isinstance(pool.submit(same).exception(LIMIT), BrokenPool)
    assert pool.join(LIMIT)


def test_an_initializer_that_does_not_pickle() -> None:
    import threading

    pool = ProcessPool(1, initializer=same, initargs=(threading.Lock(),))
    error = pool.submit(same).exception(LIMIT)
    assert isinstance(error, BrokenPool)
    assert "pickle" in str(error)
    assert pool.join(LIMIT)


@pytest.mark.parametrize(
    "kwargs",
    [
        {"task_timeout": 0},
        {"task_timeout": math.nan},
        {"task_timeout": "1"},
        {"initializer_timeout": -1},
        {"max_tasks_per_worker": 0},
        {"max_memory_per_worker": 0.5},
        {"on_crash": "ignore"},
        {"max_crashes": 0},
        {"start_method": "clone"},
    ],
)
def test_bad_limits_are_refused_at_once(kwargs: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        ProcessPool(1, **kwargs)


def test_a_thread_has_no_time_limit() -> None:
    with ThreadPool(1) as pool, pytest.raises(ValueError, match="process pool"):
        pool.options(task_timeout=1)


def test_a_callback_cannot_wait_for_its_own_pool(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    with ProcessPool(1) as pool:
        first = pool.submit(gate.pass_through)
        gate.wait_for_arrival()
        second = pool.submit(same, 2)
        first.add_done_callback(lambda _: second.result())
        gate.let_go()
        assert second.result(LIMIT) == 2
    assert "a callback cannot wait" in caplog.text


@pytest.mark.slow
def test_the_limit_of_a_chunk_is_that_of_its_item() -> None:
    # Each worker imports this module before its first task: on a busy machine that alone may take too long.
    with ProcessPool(1, task_timeout=1.5, initializer=import_module, initargs=(__name__,)) as pool:
        values = pool.imap(hang_at_2, range(4), chunksize=4)
        assert [next(values), next(values)] == [0, 1]
        with pytest.raises(TaskTimeout):
            next(values)
        assert next(values) == 3


def hang_at_2(value: int) -> int:
    """Return the value, or never."""
    if value == 2:
        hang()
    return value


def test_infinite_limits_are_none() -> None:
    with ProcessPool(1, task_timeout=math.inf, initializer_timeout=math.inf) as pool:
        assert pool.submit(same, 1).result(LIMIT) == 1
