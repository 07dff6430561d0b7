"""Drop-in ThreadPool: CPython's own tests of thread pools pass with it."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("test._test_multiprocessing") is None, reason="no test package here")
def test_cpythons_own_tests() -> None:
    program = Path(__file__).with_name("standard_pool_tests.py")
    run = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    assert "Ran 0 tests" not in run.stderr
