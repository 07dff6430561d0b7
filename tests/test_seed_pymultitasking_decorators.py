"""The decorator examples of PyMultiTasking's document run with nothing changed but their import lines."""

import re

import pytest

from seed_documents import code_blocks, run_python

EXAMPLES = code_blocks("pymultitasking_decorators")

NEW_HOMES = ["windlass", "windlass.dropin.pymultitasking"]
each_home = pytest.mark.parametrize("home", NEW_HOMES)

pytestmark = pytest.mark.slow


def run(home: str, example: int, extra: str = "") -> list[str]:
    """Run an example as a script of its own; return the lines it prints."""
    code = (EXAMPLES[example] + extra).replace("from PyMultiTasking import", f"from {home} import")
    assert "PyMultiTasking" not in code
    return run_python("-c", code).splitlines()


def test_the_document_has_the_examples_tested_here() -> None:
    assert len(EXAMPLES) == 8


@each_home
def test_a_bare_threaded(home: str) -> None:
    assert run(home, 0, "\nprint(type(task).__name__, task.worker is not None)") == ["() - {}", "None", "Task True"]


@each_home
def test_a_daemon(home: str) -> None:
    extra = (
        "\nimport threading\ntasks = [test(i, key=i) for i in range(3)]\nprint([task.wait(10) for task in tasks])"
        "\nprint(len({task.worker for task in tasks}), tasks[0].worker.daemon)"
    )
    assert run(home, 1, extra) == [
        "(0,) - {'key': 0}",
        "(1,) - {'key': 1}",
        "(2,) - {'key': 2}",
        "[True, True, True]",
        "1 True",
    ]


@each_home
def test_a_pool_of_its_own_that_is_joined(home: str) -> None:
    # A call after the join works too, as it did there.
    assert run(home, 2, "\nprint(len(Pool.get_pools()))\ntask = test(1)\nprint(task.wait(10))") == [
        "1",
        "(1,) - {}",
        "True",
    ]


@each_home
def test_a_pool_by_name_for_two_functions(home: str) -> None:
    lines = run(home, 3, "\nprint(len(Pool.get_pools(pool_name)))")
    output = "\n".join(lines)  # several workers print: one's line may begin before another's has ended
    for name in ("one", "twp"):
        assert output.count(f"Running: test_dec_pool_by_name_{name} - args=() - kwargs={{'randomsleep': True}}") == 4
    completed = re.findall(r"Task\[<Task at 0x[0-9a-f]+ finished[^>]*>\] completed with results: None", output)
    assert len(set(completed)) == 8
    assert lines[-1] == "1"


@each_home
def test_a_callback(home: str) -> None:
    assert run(home, 4, "\ntask = test(1, key=2)\nprint(task.wait(10))") == [
        "(1,) - {'key': 2}",
        "callback_test - Completed: (None,) - {}",
        "True",
    ]


@each_home
def test_a_callback_under_a_limiter_and_options_of_pool_and_task(home: str) -> None:
    lines = run(home, 5, "\nprint([task.results for task in tasks])")
    stored = re.fullmatch(r"Stored Values: \[(\((?:10|\d),\)(?:, )?){4}\]", lines[-2])
    assert stored, lines
    assert "\n".join(lines).count("callback_test - Completed: ") == 4
    assert lines[-1] == "[None, None, None, None]"  # _task_store_return=False


@each_home
def test_a_blocking_limiter(home: str) -> None:
    assert run(home, 6, "\nprint(testResults)") == [*["() - {}"] * 4, "[None, None, None, None]"]


@each_home
def test_a_limiter_that_passes_the_semaphore_on(home: str) -> None:
    lines = run(home, 7)
    assert "\n".join(lines).count("() - {}") == 4
    completed = re.findall(
        r"Task\[<Task at 0x[0-9a-f]+ finished[^>]*>\] completed with results: None", "\n".join(lines)
    )
    assert len(set(completed)) == 4
