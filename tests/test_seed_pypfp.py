"""The examples of pypfp's document run with nothing changed but what it leaves open: imports, and ``{....}``."""

import pytest

from seed_documents import code_blocks, run_python

EXAMPLES = code_blocks("pypfp")

IMPORTS = [
    "from windlass import MultiProcessor, Result\n",
    "from windlass.dropin.pypfp import MultiProcessor, Result\n",
]
each_home = pytest.mark.parametrize("imports", IMPORTS, ids=["windlass", "dropin"])

pytestmark = pytest.mark.slow


def run(code: str) -> list[str]:
    """Run code as a script of its own; return the lines it prints."""
    return run_python("-c", code).splitlines()


def test_the_document_has_the_examples_tested_here() -> None:
    assert len(EXAMPLES) == 5


@each_home
def test_the_skeleton_of_a_function(imports: str) -> None:
    code = imports + EXAMPLES[0]
    code += "\nm = MultiProcessor()\nm.register_function(f=my_function)\nm.execute_parallel()\n"
    assert run(code + "print([(r.function_name, r.result) for r in m.results])") == ["[('my_function', {})]"]


@each_home
def test_a_function_that_stores_a_result(imports: str) -> None:
    # Its import of inspect stands in the block before.
    code = imports + "import inspect\n" + EXAMPLES[1]
    code += "\nm = MultiProcessor()\nm.register_function(f=my_function)\nm.execute_parallel()\n"
    code += "print([(r.function_name, r.result) for r in m.results])"
    assert run(code) == ["[('my_function', {'Greeting': 'Hello World'})]"]


@each_home
def test_three_functions_are_registered_and_executed(imports: str) -> None:
    functions = ""
    for name in ("func1", "func2", "func3"):
        functions += "\n" + EXAMPLES[1].replace("my_function", name).replace(
            "'Hello World'", "context['Database']['username'], args['number']"
        )
    registration = EXAMPLES[3]
    for number in (1, 2, 3):
        registration = registration.replace("{....}", f"{{'number': {number}}}", 1)
    assert "...." not in registration
    code = imports + "import inspect\n" + functions + EXAMPLES[2] + registration + EXAMPLES[4]
    assert run(code + "\nprint([(r.function_name, r.result['Greeting']) for r in m.results])") == [
        "[('func1', ('...', 1)), ('func2', ('...', 2)), ('func3', ('...', 3))]"
    ]
