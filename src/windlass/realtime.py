"""Realtime scheduling for a loop's thread: ask, be told what was granted, give it back.

Nothing here fails for lack of permission unless it is told to: a loop with an ordinary schedule is better than none.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from windlass._core.timer_slack import timer_slack_ns

POLICIES = {
    "other": "SCHED_OTHER",
    "batch": "SCHED_BATCH",
    "idle": "SCHED_IDLE",
    "fifo": "SCHED_FIFO",
    "rr": "SCHED_RR",
}
REALTIME = ("fifo", "rr")
DEFAULT_PRIORITY = 50  # where the kernel's own interrupt threads are
MOST_CPUS = 2**16  # more than any kernel knows; beyond, the call raises what is no OSError
NOT_HERE = "this system cannot do that for a single thread"


@dataclass(frozen=True, slots=True)
class RealtimeGrant:
    """What a thread has got, and what it has not.

    Attributes:
        policy: The scheduling class it now has: "other", "batch", "idle", "fifo" or "rr"; None where that is unknown.
        priority: The priority within "fifo" and "rr"; 0 for the others.
        cpus: The processors it may run on; None where that is unknown.
        timer_slack_ns: By how much the kernel may delay its timers outside of a ticker's wait; None where unknown.
        refused: One sentence for each wish that was not granted, with the reason; empty if all were.
    """

    policy: str | None
    priority: int
    cpus: tuple[int, ...] | None
    timer_slack_ns: int | None
    refused: tuple[str, ...] = ()


def current_grant(refused: Iterable[str] = ()) -> RealtimeGrant:
    """Return what the calling thread has.

    Thread safety:
        Atomic.
    """
    if sys.platform != "linux":
        return RealtimeGrant(None, 0, None, timer_slack_ns(), tuple(refused))
    number = os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK
    names = {getattr(os, constant): name for name, constant in POLICIES.items()}
    return RealtimeGrant(
        policy=names.get(number),
        priority=os.sched_getparam(0).sched_priority,
        cpus=tuple(sorted(os.sched_getaffinity(0))),
        timer_slack_ns=timer_slack_ns(),
        refused=tuple(refused),
    )


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
        priority: 1 to 99 for "fifo" and "rr", 50 by default; not for the others.
        cpus: Processors to run on, by number; None leaves them as they are.
        required: Raise instead of going on without.

    Returns:
        A context manager that gives a `RealtimeGrant`. Threads and processes started inside do not inherit the
        class. At the end the thread gets back what it had.

    Raises:
        TypeError, ValueError: A wish makes no sense on any machine. Raised by the call, not on entry.
        OSError: On entry, if ``required``: the system refused, mostly as PermissionError. Nothing has changed then.
        RuntimeError: On exit: by another thread than the one that entered.

    Thread safety:
        Safe on distinct objects: each acts on the thread that enters.
    """
    if policy is not None and policy not in POLICIES:
        raise ValueError(f"policy must be one of {', '.join(POLICIES)}, or None, not {policy!r}")
    if policy in REALTIME:
        priority = DEFAULT_PRIORITY if priority is None else priority
        if isinstance(priority, bool) or not isinstance(priority, int):
            raise TypeError(f"priority must be a whole number, not {type(priority).__name__}")
        if not 1 <= priority <= 99:
            raise ValueError(f"priority must be 1 to 99, not {priority!r}")
    elif priority is not None:
        raise ValueError(f"priority needs policy 'fifo' or 'rr', not {policy!r}")
    if cpus is not None and not isinstance(cpus, Iterable):
        raise TypeError(f"cpus must be several numbers, such as [0], not {type(cpus).__name__}")
    processors = None if cpus is None else frozenset(cpus)
    if processors is not None:
        for cpu in processors:
            if not isinstance(cpu, int):
                raise TypeError(f"cpus must be whole numbers, not {type(cpu).__name__}")
            if not 0 <= cpu < MOST_CPUS:
                raise ValueError(f"cpus must be 0 to {MOST_CPUS - 1}, not {cpu}")
        if not processors:
            raise ValueError("cpus must name at least one processor, or be None")
    return _granted(policy, priority or 0, processors, required)


@contextlib.contextmanager
def _granted(policy: str | None, priority: int, cpus: frozenset[int] | None, required: bool) -> Iterator[RealtimeGrant]:
    thread = threading.get_ident()
    wishes: list[tuple[str, Callable[[], Callable[[], None]]]] = []
    if policy is not None:
        wishes.append((f"scheduling class {policy}", lambda: _set_policy(policy, priority)))
    if cpus is not None:
        wishes.append((f"processors {', '.join(map(str, sorted(cpus)))}", lambda: _set_cpus(cpus)))
    refused: list[str] = []
    with contextlib.ExitStack() as undo:
        for wish, grant in wishes:
            try:
                undo.callback(grant())
            except OSError as error:
                if required:
                    raise
                refused.append(f"{wish}: {error.strerror}{_reason(error)}")
        try:
            yield current_grant(refused)
        finally:
            if threading.get_ident() != thread:
                undo.pop_all()  # it would act on the wrong thread
                raise RuntimeError("realtime_thread must be left by the thread that entered it")


def _set_policy(name: str, priority: int) -> Callable[[], None]:
    """Set the class of this thread; return what gives the old one back."""
    if sys.platform != "linux":
        raise OSError(None, NOT_HERE)
    old, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    os.sched_setscheduler(0, getattr(os, POLICIES[name]) | os.SCHED_RESET_ON_FORK, os.sched_param(priority))

    def give_back() -> None:
        try:
            os.sched_setscheduler(0, old, parameters)
        except PermissionError:  # without privilege the flag is there to stay
            os.sched_setscheduler(0, old | os.SCHED_RESET_ON_FORK, parameters)

    return give_back


def _set_cpus(wanted: frozenset[int]) -> Callable[[], None]:
    if sys.platform != "linux":
        raise OSError(None, NOT_HERE)
    old = os.sched_getaffinity(0)
    os.sched_setaffinity(0, wanted)
    return lambda: os.sched_setaffinity(0, old)


def _reason(error: OSError) -> str:
    if not isinstance(error, PermissionError) or sys.platform != "linux":
        return ""
    import resource

    limit: Any = resource.getrlimit(resource.RLIMIT_RTPRIO)[0]
    return f" (RLIMIT_RTPRIO is {'unlimited' if limit == resource.RLIM_INFINITY else limit}, and no CAP_SYS_NICE)"
