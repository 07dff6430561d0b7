"""What a master needs of whatever runs its workers; and the local processes, which are the first to provide it.

A back-end elsewhere implements :class:`Backend`, and :class:`~windlass.processes.host_interface.Host` for its workers.
"""

from typing import Protocol

from windlass.processes.host import WorkerHost
from windlass.processes.host_interface import Host
from windlass.processes.start import check_may_start, check_method


class Backend(Protocol):
    """A place for workers."""

    def start_worker(self, name: str) -> Host:
        """Start one worker, and do not wait until it is ready.

        Raises:
            OSError: It cannot be started now; it is tried again later.
        """


class LocalProcesses:
    """Worker processes on this machine.

    Args:
        start_method: ``"forkserver"``, ``"spawn"`` or ``"fork"``; None for forkserver where it exists, else spawn.
    """

    def __init__(self, start_method: str | None = None) -> None:
        self.start_method = check_method(start_method)

    @property
    def imports_program(self) -> bool:
        """Whether a process imports the program before it can say anything."""
        return self.start_method != "fork"

    def check_may_start(self) -> None:
        """Refuse to start workers from a process that is being started itself.

        Raises:
            RuntimeError: This is such a process.
        """
        check_may_start(self.start_method)

    def start_worker(self, name: str) -> Host:
        """Start a process."""
        return WorkerHost(self.start_method, name)
