"""Run tests of CPython's own. Some of them trust the clock, and fail once in a while on a busy machine."""

import unittest
from collections.abc import Iterable

FEW = 3  # of more than these that fail, a busy machine is not the reason


def run(tests: Iterable[unittest.TestCase]) -> unittest.TestResult:
    """Run tests, and a few that fail once more, as CPython's own runner can; return the outcome that counts."""
    runner = unittest.TextTestRunner(verbosity=2)
    outcome = runner.run(unittest.TestSuite(tests))
    failed = {getattr(test, "test_case", test) for test, _ in outcome.failures + outcome.errors}  # not its subtests
    if not 1 <= len(failed) <= FEW or not all(hasattr(test, "_testMethodName") for test in failed):
        return outcome  # all is well, much is wrong, or what has failed is no test
    again = runner.run(unittest.TestSuite(type(test)(test._testMethodName) for test in failed))
    again.testsRun = outcome.testsRun
    return again
