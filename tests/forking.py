"""Run something in a forked child, and kill one that hangs."""

import os
import signal
import time
import traceback
from collections.abc import Callable

import pytest


def reap(child: int, limit: float = 30.0) -> int:
    """Return the exit status of a child; kill one that hangs."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    pytest.fail("the child hangs")


def status_of_child(body: Callable[[], object]) -> int:
    """Run ``body`` in a forked child; return 0 if it came to its end."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            body()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return reap(child)
