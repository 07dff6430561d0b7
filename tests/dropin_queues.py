"""The standard queue classes and ours side by side, and what the tests of both share."""

import queue
import sys
from typing import Any

import pytest

from windlass.dropin import queue as ours

LIMIT = 20  # seconds; only a hang reaches it
BRIEF = 0.02  # a timeout that is meant to run out
NAMES = ("Queue", "LifoQueue", "PriorityQueue")

# For `pytest.mark.parametrize`: the modules, the three classes of each, and these with the fourth.
MODULES = [pytest.param(queue, id="standard"), pytest.param(ours, id="windlass")]
CLASSES = [
    pytest.param(getattr(module, name), id=f"{word}-{name}")
    for word, module in (("standard", queue), ("windlass", ours))
    for name in NAMES
]
ALL_CLASSES = [
    *CLASSES,
    pytest.param(queue.SimpleQueue, id="standard-SimpleQueue"),
    pytest.param(ours.SimpleQueue, id="windlass-SimpleQueue"),
]
OURS = [pytest.param(getattr(ours, name), id=name) for name in NAMES]

# The standard classes can be shut down from 3.13 on, ours on every version.
SHUTDOWN_CLASSES = CLASSES if sys.version_info >= (3, 13) else CLASSES[3:]


def drain(items: Any) -> list[Any]:
    """Take all out."""
    return [items.get_nowait() for _ in range(items.qsize())]
