"""Arguments that the standard library's executors and pools have in common."""

import os
from collections.abc import Callable


def default_workers() -> int:
    """Return the CPUs that this process may use, as far as this version of Python looks."""
    count: Callable[[], int | None] = getattr(os, "process_cpu_count", os.cpu_count)
    return count() or 1


def check_initializer(initializer: Callable[..., object] | None) -> None:
    """Raise TypeError unless ``initializer`` is None or callable."""
    if initializer is not None and not callable(initializer):
        raise TypeError("initializer must be a callable")


def check_buffersize(buffersize: object) -> None:
    """Raise TypeError or ValueError unless ``buffersize`` is None or a number of results."""
    if buffersize is not None and not isinstance(buffersize, int):
        raise TypeError("buffersize must be an integer or None")
    if buffersize is not None and buffersize < 1:
        raise ValueError("buffersize must be None or > 0")
