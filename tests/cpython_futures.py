"""Run modules of CPython's tests with windlass's executors and futures in ``concurrent.futures``.

A program of its own, with ``threads`` or ``processes`` and the modules' names as arguments:
``test_dropin_futures_cpython.py`` and ``test_dropin_executor_cpython.py`` start it.
"""

import importlib
import re
import sys
import unittest
from collections.abc import Iterator
from concurrent import futures
from concurrent.futures import _base, process, thread

from cpython_suite import run
from windlass.dropin import futures as ours
from windlass.dropin.futures.process import ProcessPoolExecutor

LEFT_OUT = {
    # name -> why
    "test_map_timeout": "sleeps 6 s for a time limit of 5 s; test_dropin_futures_map.py has it without",
    "test_cancel_futures": "wants a call to be on its way before a process is ready; test_dropin_executor_end.py",
    "test_python_finalization_error": "breaks the start of a thread that is not ours",
    "test_hang_global_shutdown_lock": "50 process pools, 5 s and more; test_dropin_futures_exit.py forks too",
}


def install() -> None:
    """Put our classes where the tests look for the standard ones."""
    for module in (futures, thread):
        module.ThreadPoolExecutor = ours.ThreadPoolExecutor  # type: ignore[attr-defined,misc]
    for module in (futures, process):
        module.ProcessPoolExecutor = ProcessPoolExecutor  # type: ignore[attr-defined,misc]
    for module in (futures, _base):
        module.Future, module.wait, module.as_completed = (  # type: ignore[attr-defined,misc]
            ours.Future,
            ours.wait,
            ours.as_completed,
        )


def wanted_of(suite: unittest.TestSuite, kind: str) -> Iterator[unittest.TestCase]:
    """Yield the tests of executors of threads and of futures, or those of executors of processes."""
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from wanted_of(test, kind)
            continue
        name = type(test).__name__
        # Starting by spawn takes much longer, and differs only in the start.
        is_wanted = ("Process" in name) is (kind == "processes") and not re.search("Interpreter|Spawn", name)
        if is_wanted and test._testMethodName not in LEFT_OUT:
            yield test


if __name__ == "__main__":
    install()
    loader = unittest.defaultTestLoader
    kind, *names = sys.argv[1:]
    suites = [loader.loadTestsFromModule(importlib.import_module(name)) for name in names]
    sys.exit(not run(wanted_of(unittest.TestSuite(suites), kind)).wasSuccessful())
