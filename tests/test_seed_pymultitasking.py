"""The pool examples of PyMultiTasking's document run with nothing changed but their import lines."""

import re

import pytest

from seed_documents import code_blocks, run_python

EXAMPLES = code_blocks("pymultitasking_pool")

# What the document imports, and what a user of windlass writes in its place.
IMPORTS = {
    "from PyThreadingPool.ThreadingPool import Pool": "from windlass import ThreadPool as Pool",
    "from PyMultiTasking import ThreadPool as Pool": "from windlass import ThreadPool as Pool",
}

ONE = "('arg',) - {'example': 'kwargs'}"
TWO = "('arg2',) - {'example2': 'kwargs'}"


def run(example: int, extra: str = "") -> str:
    """Run an example as a script, after the function that the document defines once for all; return its output."""
    definition, *examples = EXAMPLES
    code = definition + examples[example] + extra
    for theirs, ours in IMPORTS.items():
        code = code.replace(theirs, ours)
    assert "PyMultiTasking" not in code
    assert "PyThreadingPool" not in code
    return run_python("-c", code)


def test_the_document_has_the_examples_tested_here() -> None:
    assert len(EXAMPLES) == 7


@pytest.mark.slow
def test_submit() -> None:
    # Nothing waits for the task: the interpreter's exit does.
    assert run(0) == f"{ONE}\n"


@pytest.mark.slow
def test_submit_with_priority_and_wait() -> None:
    assert run(1, "\nprint(task.priority, task.is_set())") == f"{ONE}\nNone\n100 True\n"


@pytest.mark.slow
def test_submit_of_a_partial() -> None:
    assert run(2) == f"{ONE}\n"


@pytest.mark.slow
def test_map() -> None:
    output = run(3, "\nprint(len(tasks))")
    # Two workers print: their lines may come in any order, and so may the line ends.
    assert (output.count(ONE), output.count(TWO), output.count("\n")) == (1, 1, 3)


@pytest.mark.slow
def test_wait_completion() -> None:
    output = run(4)
    assert (output.count(ONE), output.count(TWO)) == (1, 1)
    assert output.endswith("The pool is finished work its current work load\n")


@pytest.mark.slow
def test_as_completed() -> None:
    output = run(5)
    assert (output.count(ONE), output.count(TWO)) == (1, 1)
    completed = re.findall(r"Task\[<Task at 0x[0-9a-f]+ finished[^>]*>\] completed with results: None", output)
    assert len(set(completed)) == 2
