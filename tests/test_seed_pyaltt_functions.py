"""The examples of function collections in pyaltt's document run with nothing changed but their import lines."""

import pytest

from seed_documents import code_blocks, run_python

EXAMPLES = code_blocks("pyaltt_functions")

THEIRS = "from pyaltt import FunctionCollecton"
OURS = (
    "from windlass.dropin.pyaltt import FunctionCollecton",
    "from windlass import FunctionCollection as FunctionCollecton",
)
BOTH_RUN = "I am function 1\nI am function 2\n"
each_import = pytest.mark.parametrize("ours", OURS)
pytestmark = pytest.mark.slow


def run(ours: str, *code: str) -> str:
    """Run code as a script and return its output."""
    script = "\n".join(code).replace(THEIRS, ours)
    assert "pyaltt import" not in script.replace(ours, "")
    return run_python("-c", script)


def test_the_document_has_the_examples_tested_here() -> None:
    first, second = EXAMPLES
    assert THEIRS in first
    assert "fc.run = my_run" in second


@each_import
def test_collect_and_run(ours: str) -> None:
    output = run(ours, EXAMPLES[0], "print(result, f1(), f2())")
    assert output == f"{BOTH_RUN}{BOTH_RUN}{{'__main__.f1': 1, '__main__.f2': 2}} 1 2\n"


@each_import
@pytest.mark.parametrize("call", ["fc.run()", "fc()"])
def test_run_overridden_on_the_instance(ours: str, call: str) -> None:
    output = run(ours, *EXAMPLES, f"print({call})")
    shutdown = f"Shutdown started\n{BOTH_RUN}Shutdown finished\n"
    assert output == f"{BOTH_RUN}{shutdown}{{'__main__.f1': 1, '__main__.f2': 2}}\n"


@each_import
def test_run_overridden_with_a_function_that_fails(ours: str) -> None:
    first, second = EXAMPLES
    parameters = "on_error=lambda e, **kw: print(kw, repr(e)), on_error_kwargs={'x': 1}"
    first = first.replace("FunctionCollecton()", f"FunctionCollecton({parameters})")
    fails = "@fc\ndef f3(): 1 / 0\nprint(fc())"
    output = run(ours, first, second, fails)
    error = "{'x': 1} ZeroDivisionError('division by zero')\n"
    results = "{'__main__.f1': 1, '__main__.f2': 2, '__main__.f3': None}\n"
    assert output == f"{BOTH_RUN}Shutdown started\n{BOTH_RUN}{error}Shutdown failed\n{results}"
