"""CPython's own tests of ``queue``, run on our classes."""

import importlib.util
import subprocess
import sys

import pytest

# In the child: the cases look their classes up in `queue`, an attribute of each. Left out are those of the pure Python
# SimpleQueue, which is a class apart; the other pure Python cases are the compiled ones once more.
CHILD = """
import sys, unittest
from test import test_queue
from windlass.dropin import queue

cases = [
    case for name, case in vars(test_queue).items()
    if name.startswith("C") and isinstance(case, type) and issubclass(case, unittest.TestCase)
]
for case in cases:
    case.queue = queue
load = unittest.defaultTestLoader.loadTestsFromTestCase
outcome = unittest.TextTestRunner().run(unittest.TestSuite(map(load, cases)))
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
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", CHILD], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
