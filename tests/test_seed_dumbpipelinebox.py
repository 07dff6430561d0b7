"""The examples of DumbPipelineBox's document run with nothing changed but their imports, and one slip of the pen."""

from pathlib import Path

import pytest

from seed_documents import code_blocks, run_python

# What the document says to import, and what a user of windlass writes in its place.
DROP_IN = (
    "from windlass.dropin.dumbpipelinebox.worker import Worker\n"
    "from windlass.dropin.dumbpipelinebox.master import Master\n"
)
NATIVE = "from windlass import Master, Worker\n"
# As printed there, this is no Python: an ellipsis among parameters.
SLIP = "my_parameter_b, ...,  **kwargs", "my_parameter_b, **kwargs"
# What the document leaves to its readers: what the worker does with parameters and argument.
WORK = "work_result = my_work(self, argument)\n        return work_result", "return work_result"
BEFORE = """
import multiprocessing
def my_work(worker, argument):
    assert multiprocessing.parent_process() is not None, "not in a process of its own"
    return worker.a + worker.b, argument
"""
INIT = (
    "        # ...\n\n    def run_task",
    "        self.a, self.b = my_parameter_a, my_parameter_b\n\n    def run_task",
)
COLLECT = "# if error will return the exception as the result", "print(task_id, result)"

each_import = pytest.mark.parametrize("imports", [DROP_IN, NATIVE], ids=["drop-in", "native"])
pytestmark = pytest.mark.slow


def replace(text: str, pair: tuple[str, str]) -> str:
    assert text.count(pair[0]) == 1
    return text.replace(*pair)


def indented(text: str) -> str:
    return "".join(f"    {line}" for line in text.splitlines(keepends=True))


def whole(imports: str) -> str:
    worker, master = code_blocks("dumbpipelinebox")
    worker = replace(replace(replace(worker, SLIP), INIT), (WORK[1], WORK[0]))
    return imports + BEFORE + worker + 'if __name__ == "__main__":\n' + indented(replace(master, COLLECT))


EXPECTED = {
    "1 ('......', 'my_argument_1')",
    "2 ('......', 'my_argument_2')",
    "3 ('......', 'my_argument_3')",
    "4 ('......', Ellipsis)",  # the document's dots are an argument, too
}


@each_import
def test_example_as_a_command(imports: str) -> None:
    # As `python -c` does, a notebook keeps its classes in a __main__ that workers cannot import.
    assert set(run_python("-c", whole(imports)).splitlines()) == EXPECTED


@each_import
def test_example_as_a_file(imports: str, tmp_path: Path) -> None:
    (tmp_path / "example.py").write_text(whole(imports))
    assert set(run_python(str(tmp_path / "example.py")).splitlines()) == EXPECTED


# From here on: the examples that come with the library itself, in this project's words.

SLEEPER = """
class DumbWorker(Worker):
    def __init__(self, name: str = "Unnamed", **kwargs):
        super(DumbWorker, self).__init__(**kwargs)
        self._seed = name

    def run_task(self, argument: object) -> object:
        if argument == "fail":
            raise ValueError(argument)
        return f"{self._seed} DONE WITH {argument}"
"""


@each_import
def test_names_and_order(imports: str) -> None:
    text = imports + SLEEPER
    text += """
if __name__ == "__main__":
    with Master(DumbWorker) as dumb_master:
        dumb_master.add_worker(name="Alice")
        print(dumb_master.add_task("first"), list(dumb_master.run("second", "fail")))
        print(list(dumb_master.run()))
    print("All done")
"""
    first = "[(1, 'Alice DONE WITH first'), (2, 'Alice DONE WITH second'), (3, ValueError('fail'))]"
    assert run_python("-c", text).splitlines() == [f"1 {first}", "[]", "All done"]
