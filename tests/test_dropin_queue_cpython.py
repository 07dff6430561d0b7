"""CPython's own tests of ``queue``, run on our classes."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

# In the child: the cases look their classes up in `queue`, an attribute of each. Left out are those of the pure Python
# SimpleQueue, which is a class apart; the other pure Python cases are the compiled ones once more.
CHILD = """
import sys, unittest
sys.path.append(sys.argv[1])
from cpython_suite import run
from test import test_queue
from windlass.dropin import queue

cases = [
    case for name, case in vars(test_queue).items()
    if name.startswith("C") and isinstance(case, type) and issubclass(case, unittest.TestCase)
]
for case in cases:
    case.queue = queue
outcome = run(test for case in cases for test in unittest.defaultTestLoader.loadTestsFromTestCase(case))
assert {case.__name__ for case in cases} >= {"CQueueTest", "CPriorityQueueTest", "CSimpleQueueTest"}
sys.exit(not outcome.wasSuccessful() or outcome.testsRun < 28)
"""


def has_tests() -> bool:
    """Many distributions leave CPython's tests out, or put them into a package of their own."""
    try:
        return importlib.util.find_spec("test.test_queue") is not None
    except ImportError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(not has_tests(), reason="this Python comes without its own tests")
def test_cpython_tests_pass() -> None:
    command = [sys.executable, "-X", "dev", "-c", CHILD, str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
