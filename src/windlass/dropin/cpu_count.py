"""How many workers a pool has by default, where the standard library counts CPUs."""

import os
from collections.abc import Callable


def default_workers() -> int:
    """Return the CPUs that this process may use, as far as this version of Python looks."""
    count: Callable[[], int | None] = getattr(os, "process_cpu_count", os.cpu_count)
    return count() or 1
