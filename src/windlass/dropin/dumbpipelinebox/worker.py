"""``lib.worker``."""

import windlass.master.worker as worker

__all__ = ["Worker"]


class Worker(worker.Worker):
    """As :class:`windlass.Worker`."""

    class Halt:
        """Delivered as a task, it lets a worker end."""

        def __repr__(self) -> str:
            return "<WorkerHalt>"
