"""Run modules of CPython's tests with windlass's executor and futures in ``concurrent.futures``.

A program of its own: ``test_dropin_futures_cpython.py`` starts it.
"""

import importlib
import sys
import unittest
from collections.abc import Iterator
from concurrent import futures
from concurrent.futures import _base, thread

from windlass.dropin import futures as ours

OTHERS = ("Process", "Interpreter")  # pools that are not ours

LEFT_OUT = {
    # name -> why
    "test_map_timeout": "sleeps 6 s for a time limit of 5 s; test_dropin_futures_map.py has it without",
    "test_hang_global_shutdown_lock": "50 process pools, 5 s and more; test_dropin_futures_exit.py forks too",
}


def install() -> None:
    """Put our classes where the tests look for the standard ones."""
    for module in (futures, thread):
        module.ThreadPoolExecutor = ours.ThreadPoolExecutor  # type: ignore[attr-defined,misc]
    for module in (futures, _base):
        module.Future, module.wait, module.as_completed = (  # type: ignore[attr-defined,misc]
            ours.Future,
            ours.wait,
            ours.as_completed,
        )


def ours_of(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    """Yield the tests that concern what is ours."""
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from ours_of(test)
        elif test._testMethodName not in LEFT_OUT and not any(other in type(test).__name__ for other in OTHERS):
            yield test


if __name__ == "__main__":
    install()
    loader = unittest.defaultTestLoader
    suites = [loader.loadTestsFromModule(importlib.import_module(name)) for name in sys.argv[1:]]
    result = unittest.TextTestRunner().run(unittest.TestSuite(ours_of(unittest.TestSuite(suites))))
    sys.exit(not result.wasSuccessful())
