"""The standard modules and windlass's side by side: what the tests of the drop-in classes share."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent import futures as standard
from contextlib import contextmanager
from typing import Any

import pytest

from windlass.dropin import futures as ours

LIMIT = 20  # seconds for whatever must come at all

# For every test that must pass on the standard module too. Those without it test a fault of the standard module that is
# fixed, or an extension, and say what the standard one does.
both = pytest.mark.parametrize("futures", [standard, ours], ids=["standard", "windlass"])


class Value:
    """Something a weak reference can be taken of; calling it does nothing."""

    def __call__(self, *args: object, **kwargs: object) -> None:
        return None


@contextmanager
def occupied(executor: Any, workers: int = 1) -> Iterator[threading.Event]:
    """Keep ``workers`` threads at a call each until the event that is given is set or the block ends."""
    go = threading.Event()
    started = threading.Semaphore(0)

    def stay() -> bool:
        started.release()
        return go.wait(LIMIT)

    stays = [executor.submit(stay) for _ in range(workers)]
    try:
        for _ in stays:
            assert started.acquire(timeout=LIMIT)
        yield go
    finally:
        go.set()
    for future in stays:
        future.result(LIMIT)


def run_child(futures: Any, script: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run ``script`` in a new interpreter, in which ``futures`` is the module under test."""
    # One that hangs says where, and ends before the time limit below, which would drop what it printed.
    watch = "import faulthandler, signal\nfaulthandler.register(signal.SIGALRM, chain=True)\nsignal.alarm(50)\n"
    start = f"{watch}import os, sys, threading, warnings\nfrom {futures.__name__.rpartition('.')[0]} import futures\n"
    command = [sys.executable, *options, "-c", start + script]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
