"""The decorator examples of PyMultiTasking's document run with nothing changed but their import lines."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

LIMIT = 60
DOCUMENT = Path(__file__).parent / "seeds" / "pymultitasking_decorators.md"  # copied word for word

NEW_HOMES = ["windlass", "windlass.dropin.pymultitasking"]
each_home = pytest.mark.parametrize("home", NEW_HOMES)

pytestmark = pytest.mark.slow


def code_blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)


def run(home: str, example: int, extra: str = "") -> list[str]:
    """Run an example as a script of its own; return the lines it prints."""
    code = (code_blocks()[example] + extra).replace("from PyMultiTasking import", f"from {home} import")
    assert "PyMultiTasking" not in code
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_the_document_has_the_examples_tested_here() -> None:
    assert len(code_blocks()) == 8


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
