"""Waiting for what other threads do: for a state that nothing announces, for the outcome of a call, for many."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

LIMIT = 60.0  # seconds, never reached unless something is broken


def until(condition: Callable[[], object], limit: float = LIMIT) -> None:
    """Return when ``condition()`` is true, which another thread or process is about to bring about."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.0002)


def what_it_does(native_id: int) -> list[str]:
    """Return whether a thread runs or sleeps, and how often it has stopped so far, by its own wish or not."""
    status = Path(f"/proc/self/task/{native_id}/status").read_text()
    return [line for line in status.splitlines() if line.startswith("State") or "ctxt_switches" in line]


def is_asleep(native_id: int) -> bool:
    """Return whether a thread of this process sleeps; not for want of the GIL, which this one lets go of to ask."""
    return "S (sleeping)" in what_it_does(native_id)[0]


def start(call: Callable[[], object]) -> Future[Any]:
    """Run ``call`` in a thread and return its outcome to come; the thread has begun."""
    outcome: Future[Any] = Future()
    begun = threading.Event()

    def body() -> None:
        begun.set()
        try:
            outcome.set_result(call())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=body, daemon=True).start()
    assert begun.wait(LIMIT)
    return outcome


def run_threads(*bodies: Callable[[], object], limit: float = 120) -> None:
    """Run each body in a thread, from a common start; raise what one raises, and fail if one is not done in time."""
    barrier = threading.Barrier(len(bodies))
    errors: list[BaseException] = []

    def run(body: Callable[[], object]) -> None:
        try:
            barrier.wait(limit)
            body()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(body,), daemon=True) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(limit)
    if errors:
        raise errors[0]
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
