"""The decorator examples of PyMultiTasking's document with ``Processed``, which it says will have the same features."""

import re

import pytest

from seed_documents import code_blocks, run_python

EXAMPLES = code_blocks("pymultitasking_decorators")

each_home = pytest.mark.parametrize("home", ["windlass", "windlass.dropin.pymultitasking"])

pytestmark = pytest.mark.slow


def run(home: str, example: int, extra: str = "") -> list[str]:
    """Run an example with processes in the place of threads, as a script of its own; return the lines it prints."""
    code = (EXAMPLES[example] + extra).replace("from PyMultiTasking import", f"from {home} import")
    code = code.replace("Threaded", "Processed").replace("ThreadPool", "ProcessPool")
    code = code.replace("wait(10)", "wait(50)")  # a process begins late on a busy machine
    return run_python("-c", code).splitlines()


@each_home
def test_a_bare_processed(home: str) -> None:
    assert sorted(run(home, 0)) == ["() - {}", "None"]


@each_home
def test_a_daemon(home: str) -> None:
    extra = "\nimport os\ntasks = [test(os.getpid(), key=i) for i in range(3)]\nprint([t.wait(10) for t in tasks])"
    lines = run(home, 1, extra)
    assert lines.count("[True, True, True]") == 1


@each_home
def test_a_pool_of_its_own_that_is_joined(home: str) -> None:
    lines = run(home, 2, "\nprint(len(Pool.get_pools()))\ntask = test(1)\nprint(task.wait(10))")
    assert sorted(lines) == ["(1,) - {}", "1", "True"]


@each_home
def test_a_pool_by_name_for_two_functions(home: str) -> None:
    output = "\n".join(run(home, 3, "\nprint(len(Pool.get_pools(pool_name)))"))
    for name in ("one", "twp"):
        assert output.count(f"Running: test_dec_pool_by_name_{name} - args=() - kwargs={{'randomsleep': True}}") == 4
    assert output.count("completed with results: None") == 8


@each_home
def test_a_callback_is_called_in_the_program(home: str) -> None:
    extra = "\nimport os\ntask = test(1, key=2)\nprint(task.wait(10))"
    lines = run(home, 4, extra)
    assert sorted(lines) == ["(1,) - {'key': 2}", "True", "callback_test - Completed: (None,) - {}"]


@each_home
def test_a_callback_under_a_limiter_and_options_of_pool_and_task(home: str) -> None:
    lines = run(home, 5, "\nprint([task.results for task in tasks])")
    assert sum(line.count("callback_test - Completed: ") for line in lines) == 4
    assert any(re.fullmatch(r"Stored Values: \[(\((?:10|\d),\)(?:, )?){4}\]", line) for line in lines)
    assert "[None, None, None, None]" in lines  # _task_store_return=False


@each_home
def test_a_limiter_that_passes_the_semaphore_on(home: str) -> None:
    output = "\n".join(run(home, 7))
    assert output.count("() - {}") == 4
    assert output.count("completed with results: None") == 4
