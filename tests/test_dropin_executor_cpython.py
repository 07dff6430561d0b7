"""CPython's own tests of process pool executors, run in child processes with our class in the standard one's place."""

import re
import subprocess
from collections.abc import Iterator

import pytest

from test_dropin_futures_cpython import SUITE, end, is_package, start

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SUITE is None, reason="this Python came without its own tests"),
]

# Modules of the suite, and how many tests they have at least on process pools.
SUBJECTS = {
    "test_process_pool": 30,
    "test_deadlock": 30,
    "test_shutdown": 18,
    "test_init": 4,
    "test_as_completed": 10,
    "test_wait": 16,
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, "subprocess.Popen[str]"]]:
    # All at once: most of the time they sleep.
    subjects = SUBJECTS if is_package() else ["test_process_pool"]
    runs = {subject: start(subject, tmp_path_factory.mktemp(subject), "processes") for subject in subjects}
    yield runs
    end(runs.values())


@pytest.mark.parametrize("subject", SUBJECTS)
def test_cpythons_own_suite_passes(subject: str, runs: dict[str, "subprocess.Popen[str]"]) -> None:
    if subject not in runs:
        pytest.skip("one module in this version: all of it is run as test_process_pool")
    _, report = runs[subject].communicate(timeout=300)
    assert runs[subject].returncode == 0, report
    summary = re.search(r"^Ran (\d+) tests? in", report, re.MULTILINE)
    assert summary is not None, report
    assert int(summary[1]) >= SUBJECTS[subject]
