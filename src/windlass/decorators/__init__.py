"""Decorators that say how a function's calls are run: on which threads, and how many at a time."""

from windlass.decorators.limiter import Limiter as Limiter
from windlass.decorators.threaded import Threaded as Threaded

__all__ = ["Limiter", "Threaded"]
