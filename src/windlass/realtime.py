"""Realtime scheduling for a loop's thread: ask, be told what was granted, give it back.

Nothing here fails for lack of permission unless told to: a loop that runs with a worse schedule is better than none.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RealtimeGrant:
    """What a thread has got, and what it has not.

    Attributes:
        policy: The scheduling class it now has: "other", "batch", "idle", "fifo", "rr"; None where that is unknown.
        priority: The priority within "fifo" and "rr"; 0 for the others.
        cpus: The processors it may run on; None where that is unknown.
        timer_slack_ns: By how much the kernel may delay its timers; None where that is unknown.
        refused: One sentence for each wish that was not granted, with the reason; empty if all were.
    """

    policy: str | None
    priority: int
    cpus: tuple[int, ...] | None
    timer_slack_ns: int | None
    refused: tuple[str, ...]


def realtime_thread(
    policy: str | None = None,
    *,
    priority: int | None = None,
    cpus: Iterable[int] | None = None,
    required: bool = False,
) -> AbstractContextManager[RealtimeGrant]:
    """Give the calling thread a scheduling class and processors for the length of a ``with`` block.

    Args:
        policy: "fifo", "rr", "other", "batch" or "idle"; None leaves it as it is.
        priority: 1 to 99 for "fifo" and "rr" (default 50, above kernel threads of drivers at 99 only by choice).
        cpus: Processors to run on; None leaves them as they are.
        required: Raise instead of going on without.

    Returns:
        A context manager that gives a `RealtimeGrant`. Threads started inside do not inherit the class. At the end
        the thread gets back what it had, and its timer slack is as before.

    Raises:
        TypeError, ValueError: A wish makes no sense on any machine (checked at the call, not on entry).
        PermissionError: ``required``, and the system refused.
        OSError: ``required``, and the system cannot do it.

    Thread safety:
        Safe on distinct objects: it acts on the thread that enters, which must also be the one that leaves.
    """
    raise NotImplementedError
