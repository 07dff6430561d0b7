"""windlass.dropin.pymultitasking: the names of processes, and what its document promises of them."""

import multiprocessing
import os
from typing import Any

import pytest

import processed_functions
import windlass
from process_calls import add, hang, pid_of
from waiting import until
from windlass import TaskCancelled
from windlass.dropin.pymultitasking import (
    Limiter,
    Processed,
    ProcessPool,
    ProcessTaskQueue,
    ProcessWorker,
    Task,
    set_start_method,
)

LIMIT = 20


def test_a_pool_has_the_older_ones_order_of_arguments_and_methods() -> None:
    tasks = ProcessTaskQueue()
    task: Task[int] = Task(add, 1, False, True, True, False, None, None, 1, 2)
    tasks.put(task)
    pool = ProcessPool(2, tasks, False, 30, False, 1, "older")
    assert ProcessPool.get_pool_by_name("older", timeout=3) is pool
    assert task.wait(LIMIT)
    assert task.results == 3
    assert pool.submit(add, 1, submit_task_priority=5).result(LIMIT) == 2
    assert pool.wait_completion(LIMIT, 0.1, block=True)
    assert (pool.maxWorkers, pool.ignoredTasks) == (2, [])
    assert not pool.add_worker(workerAutoKill=True)  # there are as many as may be
    assert pool.shutdown(LIMIT)
    with ProcessPool(maxWorkers=1) as pool:
        assert pool.max_workers == 1


def test_a_map_and_as_completed_are_those_of_the_document() -> None:
    pool = ProcessPool(2)
    tasks = pool.map(add, [((1,), {"b": 2}), ((3,), {"b": 4})])
    assert sorted(task.results for task in ProcessPool.as_completed(tasks)) == [3, 7]
    assert pool.join(block=True)


def test_a_worker_has_the_older_ones_order_of_arguments() -> None:
    worker = ProcessWorker(None, True, 10, None, None, "older")
    assert (worker.workerType, worker.daemon, worker.name, worker.killed) == ("PROCESS", True, "older", False)
    assert worker.submit(pid_of).result(LIMIT) != os.getpid()
    hanging = worker.submit(hang)
    until(hanging.running)
    waiting = worker.submit(add, 1)
    assert worker.task_queue.qsize() == 1
    worker.kill()
    assert isinstance(hanging.exception(LIMIT), TaskCancelled)
    assert waiting.cancelled()
    assert worker.killed
    worker.join(LIMIT)
    stopped = ProcessWorker(target=add, args=(1,))
    stopped.start()
    stopped.safe_stop()
    stopped.join(LIMIT)
    with pytest.raises(TypeError, match="personalQue must be None"):
        ProcessWorker(personalQue=3)  # type: ignore[arg-type]


def test_ctrl_c_in_the_block_waits_for_no_task() -> None:
    with pytest.raises(KeyboardInterrupt), ProcessPool(1, daemon=True, timeout=LIMIT) as pool:  # noqa: PT012 - the block is what is tested
        hanging, waiting = pool.submit(hang), pool.submit(add, 1)
        until(hanging.running)
        raise KeyboardInterrupt
    assert isinstance(hanging.exception(0), TaskCancelled)
    assert waiting.cancelled()


def test_processed_makes_pools_that_have_these_methods() -> None:
    call: Any = Processed(pool_name="older processes", _pool_maxWorkers=1)(processed_functions.plain)
    assert call(3).results is None or call(3).wait(LIMIT)
    pool = ProcessPool.get_pool_by_name("older processes")
    assert isinstance(pool, ProcessPool)
    assert isinstance(pool, windlass.ProcessPool)
    assert pool.wait_completion(LIMIT, 0.1)
    assert pool.join(block=True)
    assert Limiter(1, blocking=False)(Processed(processed_functions.plain))(4).result(LIMIT) == -4


def test_set_start_method_is_that_of_multiprocessing(monkeypatch: pytest.MonkeyPatch) -> None:
    def set_once(method: str, force: bool = False) -> None:
        if not force:
            raise RuntimeError("context has already been set")

    monkeypatch.setattr(multiprocessing, "set_start_method", set_once)
    assert set_start_method("magic") is None
    assert set_start_method() is False
    assert set_start_method("spawn", force=True) is True
