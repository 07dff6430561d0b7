"""What a pool or a master needs of a worker, wherever it is; README.md of windlass/master says what for."""

from typing import Protocol

from windlass.processes.channel import Message
from windlass.processes.messages import Encoded
from windlass.processes.settings import WorkerSettings


class Page(Protocol):
    """Says which call a worker is at. Calls have rising numbers, and are begun in that order."""

    @property
    def begun(self) -> int:
        """The latest call that the worker began, 0 if none."""

    @property
    def running(self) -> int:
        """The call it is at, 0 if none."""

    @property
    def started_ns(self) -> int:
        """When it began the latest call, on this machine's monotonic clock, nanoseconds."""

    @property
    def item(self) -> int:
        """Which item of a chunk it is at; 0 of a master's, which sends no chunks."""

    @property
    def memory(self) -> int:
        """Bytes it occupies, 0 if unknown."""

    def revoke_below(self, call: int) -> None:
        """Forbid the worker to begin calls with lower numbers than this; it may be at one."""


class Host(Protocol):
    """One worker, wherever it is. One thread uses it, but for :meth:`kill` and the page, which any thread may use."""

    @property
    def pid(self) -> int:
        """Its process number over there."""

    @property
    def page(self) -> Page:
        """What it is at."""

    @property
    def is_gone(self) -> bool:
        """Whether :meth:`receive` has given out all there will ever be."""

    def configure(self, settings: WorkerSettings | None) -> None:
        """Tell it what it is to be, the first message; None: it was told at its start, if its place can do that."""

    def send(self, message: Encoded) -> None:
        """Take a message; must not wait."""

    def flush(self) -> None:
        """Send what was taken, as far as that needs no waiting."""

    @property
    def is_sending(self) -> bool:
        """Whether something waits to be sent."""

    def receive(self, timeout: float | None) -> list[Message]:
        """Wait for messages, sending meanwhile; at the worker's end, give out its last ones and set ``is_gone``."""

    def kill(self) -> None:
        """End it at once."""

    def stop(self, grace: float) -> None:
        """Have it end by itself within ``grace`` seconds, or kill it. Gives everything back."""

    def bury(self) -> int | None:
        """Kill it if it lives, give everything back and return its exit status, negative for a signal."""
