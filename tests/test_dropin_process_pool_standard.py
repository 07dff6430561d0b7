"""Drop-in process Pool: CPython's own tests of process pools pass with it."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.parametrize("method", ["fork", "forkserver"])
@pytest.mark.skipif(importlib.util.find_spec("test._test_multiprocessing") is None, reason="no test package here")
def test_cpythons_own_tests(method: str) -> None:
    program = Path(__file__).with_name("standard_process_pool_tests.py")
    run = subprocess.run([sys.executable, program, method], capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr
    assert "Ran 0 tests" not in run.stderr
