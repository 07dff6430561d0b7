"""Processed: where the calls go."""

import os
import subprocess
import sys
import threading
from typing import Any
from uuid import uuid4

import pytest

import processed_functions
from windlass import PoolClosed, Processed, ProcessPool, ProcessWorker, ThreadPool, ThreadWorker, worker_state
from windlass.decorators.process_destinations import shared_pool
from windlass.pools.crew_pool import count_cpus

LIMIT = 20


def pid() -> int:
    return os.getpid()


def state() -> Any:
    return worker_state()


def test_plain_functions_share_one_process_for_each_cpu() -> None:
    one, other = Processed(pid), Processed(processed_functions.where.__wrapped__)  # type: ignore[attr-defined]
    pids = {task.result(LIMIT) for task in [one() for _ in range(50)]}
    pids |= {task.result(LIMIT)[0] for task in [other() for _ in range(50)]}
    assert shared_pool.max_workers == count_cpus()
    assert len(pids) <= count_cpus()
    assert shared_pool not in ProcessPool.get_pools()


def test_a_daemon_is_one_process_that_does_the_calls_in_order() -> None:
    daemon = Processed(daemon=True)(processed_functions.where.__wrapped__)  # type: ignore[attr-defined]
    tasks = [daemon(number) for number in range(20)]
    assert len({task.result(LIMIT) for task in tasks}) == 1
    assert tasks[0].worker.daemon
    assert tasks[0].worker.name.startswith("where")


def test_a_daemon_is_replaced_when_it_dies() -> None:
    daemon = Processed(daemon=True)(processed_functions.leave.__wrapped__)  # type: ignore[attr-defined]
    for _ in range(3):
        assert daemon(1).exception(LIMIT)


def test_workers_have_names_and_state() -> None:
    stateful = Processed(daemon=True, _worker_initializer=list, _worker_initargs=("ab",), _worker_name="letters")(state)
    task = stateful()
    assert task.result(LIMIT) == ["a", "b"]
    assert task.worker.name.startswith("letters")
    named = Processed(_worker_name="several", _worker_max_tasks_per_worker=1)(pid)
    assert named().result(LIMIT) != named().result(LIMIT)


def test_a_worker_of_ones_own() -> None:
    worker = ProcessWorker(name="mine")
    decorated = Processed(daemon=worker)(pid)
    assert decorated().result(LIMIT) == decorated().result(LIMIT) == worker.pid
    worker.close()
    worker.join(LIMIT)
    with pytest.raises(PoolClosed):
        decorated()


def test_a_pool_made_for_the_function_is_found_and_made_anew() -> None:
    decorated = Processed(pool=True, _pool_max_workers=1, _pool_name="made for pid")(pid)
    pool = ProcessPool.get_pool_by_name("made for pid")
    assert pool is not None
    assert pool.max_workers == 1
    first = decorated().result(LIMIT)
    assert pool.join(LIMIT)
    assert decorated().result(LIMIT) != first  # after its end, as with Threaded
    assert decorated().result(LIMIT)
    assert ProcessPool.get_pool_by_name("made for pid").join(LIMIT)  # type: ignore[union-attr]


def test_two_functions_of_one_pool_name_share_a_pool() -> None:
    name = f"both of them {uuid4()}"
    one = Processed(pool_name=name, _pool_max_workers=1)(pid)
    other = Processed(pool_name=name)(processed_functions.where.__wrapped__)  # type: ignore[attr-defined]
    assert one().result(LIMIT) == other().result(LIMIT)[0]
    (pool,) = ProcessPool.get_pools(name)
    pool.shutdown()


def test_a_pool_of_ones_own_is_not_made_anew() -> None:
    with ProcessPool(1) as pool:
        decorated = Processed(pool=pool)(pid)
        assert decorated().result(LIMIT) == decorated().result(LIMIT)
    with pytest.raises(PoolClosed):
        decorated()


def test_threads_are_refused_where_processes_are_meant() -> None:
    with ThreadPool(1) as pool, pytest.raises(TypeError, match="a ProcessPool, not ThreadPool"):
        Processed(pool=pool)(pid)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="a ProcessWorker, not ThreadWorker"):
        Processed(daemon=ThreadWorker())(pid)  # type: ignore[call-overload]


def test_calls_from_many_threads_are_all_made() -> None:
    results: list[int] = []

    def call(start: int) -> None:
        tasks = [processed_functions.by_hand(start + number) for number in range(250)]
        results.extend(task.result(LIMIT) for task in tasks)

    threads = [threading.Thread(target=call, args=(250 * number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    assert sorted(results) == list(range(-1999, 1))


EXIT = """
import sys, time
from windlass import Processed

@Processed
def finished(x):
    return x

@Processed(daemon=True)
def dropped(x):
    time.sleep(60)

if __name__ == "__main__":
    tasks = [finished(number) for number in range(20)]
    for task in tasks:
        task.add_done_callback(lambda task: sys.stdout.write(f"{task.result()}\\n"))  # in one piece
    dropped(1)
    late = dropped(2)
    late.add_done_callback(lambda task: sys.stdout.write(f"late {task.cancelled()}\\n"))
"""


@pytest.mark.slow
def test_the_interpreters_exit_finishes_plain_calls_and_drops_those_of_daemons() -> None:
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", EXIT]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(int(line) for line in lines if "late" not in line) == list(range(20))
    assert "late True" in lines
