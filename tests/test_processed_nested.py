"""Calls of processed functions within worker processes: in place, so that no process starts others without end."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import processed_functions
from forking import status_of_child
from windlass import Processed, Task
from windlass.processes.child import in_worker

LIMIT = 20


def outer(value: int) -> tuple[int, int, bool, bool]:
    task = processed_functions.where()
    ended = task.done()
    return os.getpid(), task.result()[0], ended, in_worker()


def test_a_call_in_a_worker_runs_there_and_has_ended_when_it_returns() -> None:
    here, there, ended, worker = Processed(outer)(1).result(LIMIT)
    assert here == there != os.getpid()
    assert ended
    assert worker
    assert not in_worker()


def test_functions_that_call_themselves_start_no_more_processes() -> None:
    assert processed_functions.fibonacci(12).result(LIMIT) == 144


def options_in_place() -> list[Any]:
    seen: list[Any] = []
    call: Any = Processed(callback_func=seen.append, _task_task_timeout=5.0, pool=True)(processed_functions.plain)
    task: Task[int] = call(3, _task_name="inner", _task_priority=4)
    silent = Processed(_task_store_return=False)(processed_functions.plain)(4)
    failed = Processed(processed_functions.plain)("a")  # type: ignore[arg-type]
    return [seen, task.name, task.priority, task.result(), silent.result(), type(failed.exception()).__name__]


def test_the_options_of_a_task_hold_in_place() -> None:
    assert Processed(options_in_place)().result(LIMIT) == [[-3], "inner", 4, -3, None, "TypeError"]


def limited_in_place(value: int) -> list[int]:
    names = ["limited_below", "limited_above", "limited_above_by_passing", "limited_below_by_passing", "limited_async"]
    return [getattr(processed_functions, name)(value).result(LIMIT) for name in names]


def test_limited_functions_run_in_place_too() -> None:
    assert Processed(limited_in_place)(3).result(LIMIT) == [3] * 5


@pytest.mark.parametrize("name", ["limited_countdown", "limited_twice_countdown"])
def test_a_function_under_a_limit_may_call_itself(name: str) -> None:
    function = getattr(processed_functions, name)
    assert function(3, _task_task_timeout=LIMIT).result(2 * LIMIT) == 3  # else the worker would hang to the very end


def destinations_of_module() -> list[Any]:
    return [processed_functions.in_a_named_pool._destination, processed_functions.in_a_named_pool(3).result(LIMIT)]


@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_a_module_that_a_worker_imports_makes_no_pools_there(method: str) -> None:
    decorated = Processed(daemon=True, _worker_start_method=method)(destinations_of_module)
    assert decorated().result(LIMIT) == [None, 3]


STORM = """
from windlass import Processed

@Processed(pool=True, _pool_max_workers=2, _pool_prepopulate=2, _pool_start_method="METHOD")
def square(x):
    return x * x

@Processed(pool_name="named", _pool_prepopulate=1, _pool_max_workers=1, _pool_start_method="METHOD")
def cube(x):
    return square(x).result(20) * x

if __name__ == "__main__":
    print(square(3).result(20), cube(3).result(20))
"""


@pytest.mark.slow
@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_pools_that_start_at_once_are_made_in_the_program_alone(tmp_path: Path, method: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(STORM.replace("METHOD", method))
    command = [sys.executable, "-X", "dev", "-W", "error", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "9 27\n", "")


def test_a_forked_child_has_workers_of_its_own() -> None:
    mine = processed_functions.where().result(LIMIT)[0]

    def child() -> int:
        task = processed_functions.where()
        return 0 if task.result(LIMIT)[0] not in (mine, os.getpid()) else 1

    assert status_of_child(child) == 0
    assert processed_functions.where().result(LIMIT)
