"""CPython's own tests of process pools, with windlass's class in place of the standard one.

A program of its own, with a start method as its argument; test_dropin_process_pool_standard.py runs it.
"""

import importlib.util
import multiprocessing
import multiprocessing.pool
import sys
import unittest

from test import _test_multiprocessing as standard

from cpython_suite import run
from windlass.dropin.pool import Pool

LEFT_OUT = {
    # name -> why
    "test_pool_worker_lifetime_early_close": "sleeps 3 s; test_dropin_process_pool_faults.py has it without",
    "test_worker_finalization_via_atexit_handler_of_multiprocessing": "starts a Python that has the standard class",
}
if importlib.util.find_spec("cloudpickle"):
    LEFT_OUT["test_unpickleable_result"] = "wants a lambda to be refused, and cloudpickle sends it"


class TestPool(standard._TestPool, standard.ProcessesMixin, unittest.TestCase):
    Pool = Pool


class TestPoolWorkerErrors(standard._TestPoolWorkerErrors, standard.ProcessesMixin, unittest.TestCase):
    pass  # it calls multiprocessing.Pool itself, as do those below


class TestPoolWorkerLifetime(standard._TestPoolWorkerLifetime, standard.ProcessesMixin, unittest.TestCase):
    pass


def main(method: str) -> int:
    multiprocessing.set_start_method(method, force=True)
    multiprocessing.pool.Pool = Pool  # type: ignore[misc]  # what multiprocessing.Pool() calls
    load = unittest.defaultTestLoader.loadTestsFromTestCase
    tests = [test for case in (TestPool, TestPoolWorkerErrors, TestPoolWorkerLifetime) for test in load(case)]
    return not run(test for test in tests if test.id().rpartition(".")[2] not in LEFT_OUT).wasSuccessful()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
