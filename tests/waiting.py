"""Waiting for what other threads do: for a state that nothing announces, and for the outcome of a call."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

LIMIT = 20.0  # seconds, never reached unless something is broken


def until(condition: Callable[[], object], limit: float = LIMIT) -> None:
    """Return when ``condition()`` is true, which another thread or process is about to bring about."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.0002)


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
