"""Calls that a submitter sends to an idle worker itself, and whose answers the waiting thread reads itself."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from process_calls import LIMIT, Gate, add, await_end, die, fail, pid_of, same
from waiting import until
from windlass import ProcessPool, TaskCancelled, ThreadPool, WaitTimeout, WorkerDied

MB = 1 << 20


@pytest.fixture(scope="module")
def one() -> Iterator[ProcessPool]:
    with ProcessPool(1) as pool:
        yield pool


@pytest.fixture
def idle(one: ProcessPool) -> ProcessPool:
    """A pool of one worker, which is idle."""
    one.submit(same).result(LIMIT)
    until(lambda: one.inactive_workers == 1)
    return one


def log_and_return(value: Any) -> Any:
    """Say something on the way."""
    logging.getLogger("tests.direct").warning("on the way to %s", value)
    return value


def test_one_after_the_other(idle: ProcessPool) -> None:
    before = idle.statistics()
    assert [idle.submit(add, at).result(LIMIT) for at in range(500)] == list(range(1, 501))
    after = idle.statistics()
    assert (after.done - before.done, after.queued, after.running) == (500, 0, 0)
    assert idle.unfinished_tasks == 0


def test_what_a_task_knows_of_itself(idle: ProcessPool, gate: Gate) -> None:
    task = idle.submit(gate.pass_through, 5)
    gate.wait_for_arrival()
    assert task.running()
    assert task.worker is idle.workers[0]
    assert idle.workers[0].is_active
    gate.let_go()
    assert task.result(LIMIT) == 5
    assert task.wait_time is not None
    assert task.run_time is not None
    assert task.args is None


@pytest.mark.parametrize("size", [1, 65_000, 65_536, 3 * MB])
def test_answers_and_calls_of_all_sizes(idle: ProcessPool, size: int) -> None:
    data = os.urandom(size)
    for _ in range(3):
        assert idle.submit(same, data).result(LIMIT) == data
        assert idle.submit(same, bytearray(data)).result(LIMIT) == data


def test_a_call_that_raises(idle: ProcessPool) -> None:
    with pytest.raises(ValueError, match="on purpose"):
        idle.submit(fail).result(LIMIT)
    assert idle.submit(add, 1).result(LIMIT) == 2


def test_a_record_in_front_of_the_answer(idle: ProcessPool, caplog: pytest.LogCaptureFixture) -> None:
    for at in range(20):
        assert idle.submit(log_and_return, at).result(LIMIT) == at
    assert [record.getMessage() for record in caplog.records] == [f"on the way to {at}" for at in range(20)]


def test_a_time_that_is_over_leaves_the_task_as_it_was(idle: ProcessPool, gate: Gate) -> None:
    task = idle.submit(gate.pass_through, "late")
    for _ in range(3):
        with pytest.raises(WaitTimeout):
            task.result(0.001)
    gate.wait_for_arrival()
    gate.let_go()
    assert task.result(LIMIT) == "late"
    assert idle.submit(add, 1).result(LIMIT) == 2


def test_several_wait_for_one(idle: ProcessPool, gate: Gate) -> None:
    task = idle.submit(gate.pass_through, "for all")
    with ThreadPool(4) as threads:
        waiting = [threads.submit(task.result, LIMIT) for _ in range(4)]
        gate.wait_for_arrival()
        gate.let_go()
        assert [one.result(LIMIT) for one in waiting] == ["for all"] * 4


def test_more_work_comes_while_somebody_waits(idle: ProcessPool, gate: Gate) -> None:
    task = idle.submit(gate.pass_through, "first")
    gate.wait_for_arrival()
    rest = idle.submit_many(add, range(50))
    threading.Timer(0.02, gate.let_go).start()
    assert task.result(LIMIT) == "first"
    assert [one.result(LIMIT) for one in rest] == list(range(1, 51))


def test_a_death_while_somebody_waits(idle: ProcessPool) -> None:
    pid = idle.submit(pid_of).result(LIMIT)
    for _ in range(2):
        with pytest.raises(WorkerDied):
            idle.submit(die).result(LIMIT)
    await_end(pid)
    assert idle.submit(add, 1).result(LIMIT) == 2


def test_a_cancel_while_somebody_waits(idle: ProcessPool, gate: Gate) -> None:
    task = idle.submit(gate.pass_through)
    gate.wait_for_arrival()
    threading.Timer(0.02, idle.cancel, (task,)).start()
    with pytest.raises(TaskCancelled):
        task.result(LIMIT)
    assert idle.submit(add, 1).result(LIMIT) == 2


def test_a_result_given_by_hand_while_somebody_waits(idle: ProcessPool, gate: Gate) -> None:
    task = idle.submit(gate.pass_through, "by the worker")
    gate.wait_for_arrival()
    threading.Timer(0.02, task.set_result, ("by hand",)).start()
    assert task.result(LIMIT) == "by hand"
    gate.let_go()
    assert idle.submit(add, 1).result(LIMIT) == 2
    assert idle.unfinished_tasks == 0


def test_a_close_while_somebody_waits(gate: Gate) -> None:
    pool = ProcessPool(1)
    pool.submit(same).result(LIMIT)
    until(lambda: pool.inactive_workers == 1)
    task = pool.submit(gate.pass_through, "last")
    gate.wait_for_arrival()
    threading.Timer(0.02, pool.close).start()
    threading.Timer(0.04, gate.let_go).start()
    assert task.result(LIMIT) == "last"
    assert pool.join(LIMIT)


class Submitter:
    """An argument that submits while it is being pickled."""

    def __init__(self, pool: ProcessPool) -> None:
        self.pool, self.tasks = pool, []

    def __reduce__(self) -> Any:
        self.tasks.append(self.pool.submit(add, 1))
        return int, ("5",)


def test_a_submit_inside_the_pickling_of_another(idle: ProcessPool) -> None:
    argument = Submitter(idle)
    assert idle.submit(add, argument).result(LIMIT) == 6
    assert [task.result(LIMIT) for task in argument.tasks] == [2] * len(argument.tasks)


class Interrupted:
    """An argument whose pickling is interrupted, the first time."""

    def __init__(self) -> None:
        self.times = 0

    def __reduce__(self) -> Any:
        self.times += 1
        if self.times == 1:
            raise KeyboardInterrupt
        return int, ("5",)


def test_ctrl_c_while_a_call_is_pickled_loses_no_worker(idle: ProcessPool) -> None:
    pid = idle.submit(pid_of).result(LIMIT)
    until(lambda: idle.inactive_workers == 1)
    with pytest.raises(KeyboardInterrupt):
        idle.submit(add, Interrupted())
    assert idle.wait_completion(LIMIT)
    assert idle.submit(pid_of).result(LIMIT) == pid


class SlowToLoad:
    """A result whose unpickling is interrupted by a signal, the first time."""

    loads = 0

    def __reduce__(self) -> Any:
        return load_slowly, ()


def load_slowly() -> str:
    """Be interrupted."""
    SlowToLoad.loads += 1
    if SlowToLoad.loads == 1:
        signal.raise_signal(signal.SIGINT)
    return "loaded"


def slow_to_load_at(gate: Gate) -> SlowToLoad:
    """Return one when the test says so."""
    gate.pass_through()
    return SlowToLoad()


def test_ctrl_c_while_an_answer_is_unpickled_loses_no_result(idle: ProcessPool, gate: Gate) -> None:
    SlowToLoad.loads = 0
    task = idle.submit(slow_to_load_at, gate)
    try:
        threading.Timer(0.02, gate.let_go).start()  # not before this block, or Ctrl-C might be
        value = task.result(LIMIT)
    except KeyboardInterrupt:
        value = task.result(LIMIT)
    assert value == "loaded"
    assert idle.submit(add, 1).result(LIMIT) == 2


def test_ctrl_c_while_somebody_waits(idle: ProcessPool, gate: Gate) -> None:
    task = idle.submit(gate.pass_through, "after all")
    gate.wait_for_arrival()
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - on a slow day the signal comes before the wait
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        task.result(LIMIT)
    gate.let_go()
    assert task.result(LIMIT) == "after all"


def test_an_idle_worker_that_is_killed_is_missed_at_once(idle: ProcessPool) -> None:
    for _ in range(3):
        pid = idle.submit(pid_of).result(LIMIT)
        until(lambda: idle.inactive_workers == 1)
        os.kill(pid, signal.SIGKILL)
        until(lambda pid=pid: not Path(f"/proc/{pid}").exists())  # not even as a zombie
        assert idle.submit(pid_of).result(LIMIT) != pid


def test_an_idle_worker_ends_after_its_time_though_its_calls_were_direct() -> None:
    with ProcessPool(1, idle_timeout=0.05) as pool:
        pid = pool.submit(pid_of).result(LIMIT)
        pool.submit(pid_of).result(LIMIT)
        await_end(pid)
        assert pool.submit(add, 1).result(LIMIT) == 2


@pytest.mark.slow
@pytest.mark.stress
@pytest.mark.parametrize("switch_interval", [5e-3, 1e-6])
def test_many_threads_submit_and_wait(switch_interval: float) -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(switch_interval)
    try:
        with ProcessPool(2) as pool, ThreadPool(8) as threads:

            def trips(first: int) -> list[int]:
                return [pool.submit(add, at).result(LIMIT) for at in range(first, first + 150)]

            several = [threads.submit(trips, 1000 * at) for at in range(8)]
            for at, task in enumerate(several):
                assert task.result(3 * LIMIT) == list(range(1000 * at + 1, 1000 * at + 151))
            assert pool.wait_completion(LIMIT)
            figures = pool.statistics()
            assert (figures.done, figures.running, figures.queued) == (1200, 0, 0)
            until(lambda: pool.inactive_workers == pool.num_workers)
    finally:
        sys.setswitchinterval(before)
