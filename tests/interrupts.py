"""Ctrl-C while the main thread waits."""

import os
import signal
import threading
from collections.abc import Callable

import pytest

LIMIT = 20.0  # seconds, never reached unless something is broken


def check_interrupted(call: Callable[[], object], delay: float = 0.05) -> None:
    """Check that Ctrl-C ends ``call``, which would not come back. On a slow day it comes before the wait."""
    returned: list[object] = []
    sender = threading.Timer(delay, os.kill, (os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - see above
        sender.start()
        returned.append(call())
        threading.Event().wait(LIMIT)  # nobody else may meet the signal
    sender.join(LIMIT)
    assert returned == [], "it came back before the signal"
