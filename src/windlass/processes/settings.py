"""What a worker process is told before its first call."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """The same for every worker of a pool.

    Attributes:
        initializer: Called with ``initargs`` once in each process; what it returns is the worker's state.
        initargs: Its arguments.
        log_level: The least level of logging records that are sent to the parent.
        watch_memory: Whether the worker says on its page how much memory it occupies.
    """

    initializer: Callable[..., Any] | None = None
    initargs: tuple[Any, ...] = ()
    log_level: int = 30
    watch_memory: bool = False
