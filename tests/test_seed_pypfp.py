"""The examples of pypfp's document run with nothing changed but what it leaves open: imports, and ``{....}``."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

LIMIT = 60
DOCUMENT = Path(__file__).parent / "seeds" / "pypfp.md"  # copied word for word

IMPORTS = [
    "from windlass import MultiProcessor, Result\n",
    "from windlass.dropin.pypfp import MultiProcessor, Result\n",
]
each_home = pytest.mark.parametrize("imports", IMPORTS, ids=["windlass", "dropin"])

pytestmark = pytest.mark.slow


def code_blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)


def run(code: str) -> list[str]:
    """Run code as a script of its own; return the lines it prints."""
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_the_document_has_the_examples_tested_here() -> None:
    assert len(code_blocks()) == 5


@each_home
def test_the_skeleton_of_a_function(imports: str) -> None:
    code = imports + code_blocks()[0]
    code += "\nm = MultiProcessor()\nm.register_function(f=my_function)\nm.execute_parallel()\n"
    assert run(code + "print([(r.function_name, r.result) for r in m.results])") == ["[('my_function', {})]"]


@each_home
def test_a_function_that_stores_a_result(imports: str) -> None:
    # Its import of inspect stands in the block before.
    code = imports + "import inspect\n" + code_blocks()[1]
    code += "\nm = MultiProcessor()\nm.register_function(f=my_function)\nm.execute_parallel()\n"
    code += "print([(r.function_name, r.result) for r in m.results])"
    assert run(code) == ["[('my_function', {'Greeting': 'Hello World'})]"]


@each_home
def test_three_functions_are_registered_and_executed(imports: str) -> None:
    functions = ""
    for name in ("func1", "func2", "func3"):
        functions += "\n" + code_blocks()[1].replace("my_function", name).replace(
            "'Hello World'", "context['Database']['username'], args['number']"
        )
    registration = code_blocks()[3]
    for number in (1, 2, 3):
        registration = registration.replace("{....}", f"{{'number': {number}}}", 1)
    assert "...." not in registration
    code = imports + "import inspect\n" + functions + code_blocks()[2] + registration + code_blocks()[4]
    assert run(code + "\nprint([(r.function_name, r.result['Greeting']) for r in m.results])") == [
        "[('func1', ('...', 1)), ('func2', ('...', 2)), ('func3', ('...', 3))]"
    ]
