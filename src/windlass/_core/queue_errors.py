"""The exceptions of the standard ``queue`` module: its very objects, on every version."""

import sys
from queue import Empty, Full

if sys.version_info >= (3, 13):
    from queue import ShutDown
else:

    class ShutDown(Exception):
        """Raised by put and get of a queue that has been shut down."""

    ShutDown.__module__ = "windlass.dropin.queue"  # where users find it, and pickle

__all__ = ["Empty", "Full", "ShutDown"]
