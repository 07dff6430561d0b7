"""Scripts in interpreters of their own, and how these exit."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

TIMES = 2  # that each script is run, at the same time


def leave_several_times(script: str, limit: float = 60) -> "list[subprocess.CompletedProcess[str]]":
    """Run a script in several interpreters at once, in which a warning is an error; each has ``limit`` seconds."""

    def leave(_: int) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-W", "error", "-c", script]
        return subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)

    with ThreadPoolExecutor(TIMES) as executor:
        return list(executor.map(leave, range(TIMES)))


def check_exits(script: str, status: int, printed: str, complaint: str) -> None:
    """Check how a script exits: its status, all that it prints, and the one traceback on stderr, or nothing there."""
    for run in leave_several_times(script):
        assert (run.returncode, run.stdout) == (status, printed), run.stderr
        if complaint:
            assert run.stderr.rstrip().endswith(complaint)
            assert run.stderr.count("Traceback") == 1
        else:
            assert run.stderr == ""
