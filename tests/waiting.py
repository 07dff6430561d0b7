"""Waiting for a state that another thread or process is about to bring about, and that nothing announces."""

import time
from collections.abc import Callable

LIMIT = 20.0  # seconds, never reached unless something is broken


def until(condition: Callable[[], object], limit: float = LIMIT) -> None:
    """Return when ``condition()`` is true."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.0002)
