"""The examples of DockMaster's document run with nothing changed but their import lines, and two slips of the pen."""

import pytest

from seed_documents import code_blocks, run_python

EXAMPLES = code_blocks("dockmaster", language="")

# What the document imports, and what a user of windlass writes in its place.
DROP_IN = {
    "from DockMaster import DockMaster": "from windlass.dropin.dockmaster import DockMaster",
    "from _Job import Job": "from windlass.dropin.dockmaster import Job",
    "import DockMaster": "import windlass.dropin.dockmaster as DockMaster",
}
NATIVE = {
    "from DockMaster import DockMaster": "from windlass import DockMaster",
    "from _Job import Job": "from windlass import Job",
    "import DockMaster": "import windlass as DockMaster",
}
# As printed there, these are no Python: a comma for a colon, and one space too many before three lines.
SLIPS = {"'y', 2}": "'y' : 2}", '\n if __name__ == "__main__":': '\nif __name__ == "__main__":'}

each_import = pytest.mark.parametrize("imports", [DROP_IN, NATIVE], ids=["drop-in", "native"])
pytestmark = pytest.mark.slow


def run(imports: dict[str, str], *code: str) -> str:
    """Run code as a script and return its output."""
    script = "\n".join(code)
    for slip, meant in SLIPS.items():
        script = script.replace(slip, meant)
    script = "\n".join(imports.get(line, line) for line in script.split("\n"))
    return run_python("-c", script)


def test_the_document_has_the_examples_tested_here() -> None:
    assert len(EXAMPLES) == 5
    marks = ["start_shift", "end_shift", "post_job", "from _Job import Job", "hello_name"]
    assert all(mark in block for mark, block in zip(marks, EXAMPLES, strict=True))
    assert all(any(slip in block for block in EXAMPLES) for slip in SLIPS)


@each_import
def test_start_post_and_end(imports: dict[str, str]) -> None:
    start, end, post, make_job, _ = EXAMPLES
    # What the document leaves to its readers: a function for the job, a storage function, a value.
    before = (
        "def foo(x, y): return x + y\ndef function(job, parameter1): print(job.results, parameter1)\nvalue = 'stored'\n"
    )
    name = "Job = job\nprint(len(job.id), job.creation_date > 1.7e9)\n"  # the document posts what it calls Job
    assert run(imports, before, start, make_job, name, post, end) == "32 True\n3 stored\n"


@each_import
def test_example(imports: dict[str, str]) -> None:
    # Its loop prints before it looks, so what it prints last may be what it saw before.
    *looks, stored, job_id = run(imports, EXAMPLES[4], "print(global_storage_object)\nprint(job.id)").splitlines()
    assert stored == f"{{'{job_id}': 'hello Foo'}}"
    assert looks
    assert set(looks) <= {"{}", stored}
