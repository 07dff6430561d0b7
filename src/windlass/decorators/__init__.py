"""Decorators that say how a function's calls are run: on which threads or processes, and how many at a time."""

from windlass.decorators.limiter import Limiter as Limiter
from windlass.decorators.processed import Processed as Processed
from windlass.decorators.threaded import Threaded as Threaded

__all__ = ["Limiter", "Processed", "Threaded"]
