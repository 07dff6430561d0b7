"""CPython's own tests of concurrent.futures, run in a child process with our classes in the standard module's place."""

import contextlib
import importlib.util
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

# A package from 3.12 on, one module before; many distributions leave Python's own tests out.
FOUND = importlib.util.find_spec("test")
SUITE = importlib.util.find_spec("test.test_concurrent_futures") if FOUND else None

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SUITE is None, reason="this Python came without its own tests"),
]

RUNNER = Path(__file__).with_name("cpython_futures.py")

# Modules of the suite, and how many tests they have at least on thread pools and futures.
SUBJECTS = {
    "test_future": 20,
    "test_wait": 9,
    "test_as_completed": 5,
    "test_thread_pool": 13,
    "test_shutdown": 13,
    "test_init": 3,
}


def is_package() -> bool:
    return SUITE is not None and SUITE.submodule_search_locations is not None


def start(subject: str, folder: Path, kind: str = "threads") -> "subprocess.Popen[str]":
    name = "test.test_concurrent_futures" + (f".{subject}" if is_package() else "")
    return subprocess.Popen(
        [sys.executable, str(RUNNER), kind, name],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,
    )


def end(runs: Iterable["subprocess.Popen[str]"]) -> None:
    for run in runs:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)  # its manager processes too, which hold the pipes
        run.communicate()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, "subprocess.Popen[str]"]]:
    # All at once: most of the time they sleep.
    subjects = SUBJECTS if is_package() else ["test_future"]
    runs = {subject: start(subject, tmp_path_factory.mktemp(subject)) for subject in subjects}
    yield runs
    end(runs.values())


@pytest.mark.parametrize("subject", SUBJECTS)
def test_cpythons_own_suite_passes(subject: str, runs: dict[str, "subprocess.Popen[str]"]) -> None:
    if subject not in runs:
        pytest.skip("one module in this version: all of it is run as test_future")
    _, report = runs[subject].communicate(timeout=300)
    assert runs[subject].returncode == 0, report
    summary = re.search(r"^Ran (\d+) tests? in", report, re.MULTILINE)
    assert summary is not None, report
    assert int(summary[1]) >= SUBJECTS[subject]
