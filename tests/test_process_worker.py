"""ProcessWorker: a process with a queue of its own."""

import os
import threading
from typing import Any

import pytest

from process_calls import Gate, add, await_end, die, fail, hang, pid_of
from waiting import until
from windlass import PoolClosed, ProcessPool, ProcessWorker, Task, TaskCancelled, TaskTimeout, WorkerDied, worker_state

LIMIT = 60


def test_it_is_a_thread_with_a_process_that_starts_with_its_first_task() -> None:
    worker = ProcessWorker(name="one")
    assert isinstance(worker, threading.Thread)
    assert (worker.name, worker.daemon, worker.is_alive(), worker.pid) == ("one", False, False, None)
    task = worker.submit(pid_of)
    assert task.result(LIMIT) == worker.pid != os.getpid()
    assert task.worker is worker
    pid = worker.pid
    worker.close()
    worker.join(LIMIT)
    assert not worker.is_alive()
    await_end(pid)  # type: ignore[arg-type]


def test_start_starts_it_once() -> None:
    worker = ProcessWorker(daemon=True)
    worker.start()
    with pytest.raises(RuntimeError, match="once"):
        worker.start()
    assert worker.submit(add, 1).result(LIMIT) == 2
    worker.stop()
    worker.join(LIMIT)


def test_tasks_run_by_priority_then_in_order(gate: Gate) -> None:
    worker = ProcessWorker()
    worker.submit(gate.pass_through)
    gate.wait_for_arrival()
    ended: list[tuple[int, int]] = []
    for number in range(20):
        task = worker.options(priority=number % 3).submit(divmod, number, 3)
        task.add_done_callback(lambda task: ended.append(task.result()[::-1]))
    assert worker.num_queued_tasks == 20
    gate.let_go()
    worker.close()
    worker.join(LIMIT)
    assert ended == sorted(ended)
    assert len(ended) == 20


def test_a_target_is_called_first_and_the_worker_ends() -> None:
    target: Task[int] = Task(add, (1,))
    worker = ProcessWorker(target)
    worker.start()
    assert target.result(LIMIT) == 2
    worker.join(LIMIT)
    assert not worker.is_alive()
    with pytest.raises(PoolClosed):
        worker.submit(add, 1)
    with pytest.raises(TypeError, match="target must be callable"):
        ProcessWorker(3)  # type: ignore[arg-type]


def test_it_outlives_what_its_tasks_raise_and_the_death_of_its_process() -> None:
    worker = ProcessWorker()
    assert isinstance(worker.submit(fail).exception(LIMIT), ValueError)
    first = worker.pid
    assert isinstance(worker.submit(die).exception(LIMIT), WorkerDied)
    assert worker.submit(add, 1).result(LIMIT) == 2
    assert worker.pid != first
    worker.close()
    worker.join(LIMIT)


def test_stop_hands_back_what_waits_and_terminate_ends_what_runs(gate: Gate) -> None:
    worker = ProcessWorker()
    running = worker.submit(gate.pass_through, 5)
    gate.wait_for_arrival()
    waiting = worker.submit(add, 1)
    assert worker.stop() == [waiting]
    gate.let_go()
    assert running.result(LIMIT) == 5
    worker.join(LIMIT)
    worker = ProcessWorker()
    hanging, waiting = worker.submit(hang), worker.submit(add, 1)
    until(hanging.running)
    assert worker.terminate() == [waiting]
    assert isinstance(hanging.exception(LIMIT), TaskCancelled)
    worker.join(LIMIT)


def test_a_running_task_can_be_cancelled_and_has_a_time_limit() -> None:
    worker = ProcessWorker(task_timeout=0.1)
    assert isinstance(worker.submit(hang).exception(LIMIT), TaskTimeout)
    patient = worker.options(task_timeout=LIMIT).submit(hang)
    until(patient.running)
    assert worker.cancel(patient)
    assert isinstance(patient.exception(LIMIT), TaskCancelled)
    worker.close()
    worker.join(LIMIT)


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_its_process_is_made_as_that_of_a_pool(method: str) -> None:
    worker = ProcessWorker(start_method=method, initializer=list, initargs=("ab",))
    state: Any = worker.submit(worker_state).result(LIMIT)
    assert state == ["a", "b"]
    worker.close()
    worker.join(LIMIT)
    with pytest.raises(TypeError):
        ProcessWorker(size=3)


def test_it_is_no_pool_that_others_find() -> None:
    before = ProcessPool.get_pools()
    worker = ProcessWorker()
    assert ProcessPool.get_pools() == before
    worker.close()
