"""CPython's own tests of thread pools, with windlass's class in place of the standard one.

A program of its own, for they patch and count what belongs to the whole process; test_dropin_pool_standard.py runs it.
"""

import multiprocessing
import sys
import unittest
from typing import Any
from unittest.mock import patch

from test import _test_multiprocessing as standard

from cpython_suite import run
from windlass.dropin.pool import ThreadPool

# Test cases of which only some are meant for threads, and those.
WORKER_ERRORS = ("test_async_error_callback",)  # test_unpickleable_result: threads pickle nothing


# CPython 3.12.1 terminates a pool whose calls sleep this long, which threads would do to the end; later ones sleep 1 s.
@patch.object(standard.support, "LONG_TIMEOUT", 1)
class TestPool(standard._TestPool, standard.ThreadsMixin, unittest.TestCase):
    Pool = ThreadPool


class TestPoolWorkerErrors(standard._TestPoolWorkerErrors, standard.ThreadsMixin, unittest.TestCase):
    pass  # it calls multiprocessing.Pool itself


def main() -> int:
    tests: list[Any] = [*unittest.defaultTestLoader.loadTestsFromTestCase(TestPool)]
    tests += [TestPoolWorkerErrors(name) for name in WORKER_ERRORS]
    with patch.object(multiprocessing, "Pool", ThreadPool):
        return not run(tests).wasSuccessful()


if __name__ == "__main__":
    sys.exit(main())
