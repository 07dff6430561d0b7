"""The parameters of a worker: their meaning, their checks, and overrides such as ``start(_interval=0.1)``."""

import dataclasses
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from windlass._core.clock import timeout_to_ns
from windlass.realtime import realtime_thread
from windlass.ticker import Ticker
from windlass.workers.error_policy import Restart, error_policy

CALLBACKS = ("on_error", "on_miss", "on_overrun", "on_stuck")
SPIN = 100e-6  # seconds awake before a release, in realtime


@dataclass(frozen=True, kw_only=True)
class Options:
    """What :class:`~windlass.BackgroundWorker` tells about each parameter; None is the same as not given."""

    name: str
    daemon: bool = True
    o: Any = None
    on_error: Callable[..., object] | None = None
    on_error_kwargs: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    error_policy: Any = "log"
    poll_delay: float | None = None
    realtime: bool = False
    deadline: float | None = None
    budget: float | None = None
    on_miss: Callable[..., object] | None = None
    on_overrun: Callable[..., object] | None = None
    watchdog: float | None = None
    on_stuck: Callable[..., object] | None = None
    max_ticks: int | None = None
    duration: float | None = None
    sched: str | None = None
    sched_priority: int | None = None
    cpus: Iterable[int] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise TypeError(f"name must be a str, not {type(self.name).__name__}")
        for callback in CALLBACKS:
            value = getattr(self, callback)
            if value is not None and not callable(value):
                raise TypeError(f"{callback} must be callable, not {type(value).__name__}")
        if not isinstance(self.on_error_kwargs, Mapping):
            raise TypeError(f"on_error_kwargs must be a mapping, not {type(self.on_error_kwargs).__name__}")
        if self.max_ticks is not None:
            if isinstance(self.max_ticks, bool) or not isinstance(self.max_ticks, int):
                raise TypeError(f"max_ticks must be an int, not {type(self.max_ticks).__name__}")
            if self.max_ticks < 1:
                raise ValueError(f"max_ticks must be 1 or greater, not {self.max_ticks}")
        for span in ("poll_delay", "deadline", "budget", "watchdog", "duration"):
            span_ns(span, getattr(self, span), zero_ok=span == "poll_delay")
        error_policy(self.error_policy)
        if isinstance(self.cpus, Iterable):
            object.__setattr__(self, "cpus", tuple(self.cpus))  # it may be an iterator, and is used at each start
        realtime_thread(self.sched, priority=self.sched_priority, cpus=self.cpus)

    @property
    def policy(self) -> Restart:
        """What becomes of the worker when its function raises."""
        return error_policy(self.error_policy)

    @classmethod
    def names(cls) -> set[str]:
        """Return the names of all parameters."""
        return {field.name for field in dataclasses.fields(cls)}


@dataclass(frozen=True, kw_only=True)
class LoopOptions(Options):
    """What only a loop has."""

    delay_before: float | None = None
    delay: float | None = None
    interval: float | None = None
    missed: str = "skip"
    max_burst: int | None = 4
    spin: float | None = None
    gil: str | None = None
    phase: float = 0.0
    align: float | None = None
    first: str = "now"

    def __post_init__(self) -> None:
        super().__post_init__()
        span_ns("delay_before", self.delay_before, zero_ok=True)
        span_ns("delay", self.delay, zero_ok=True)
        if self.interval is not None and self.delay is not None:
            raise ValueError("interval and delay exclude each other: give one of them, and None for the other")
        self.ticker(1.0 if self.interval is None else self.interval)

    def ticker(self, interval: float) -> Ticker:
        """Return a new ticker as these parameters want it."""
        return Ticker(
            interval,
            missed=self.missed,
            max_burst=self.max_burst,
            spin=(SPIN if self.realtime else 0.0) if self.spin is None else self.spin,
            gil=("auto" if self.realtime else "after") if self.gil is None else self.gil,
            phase=self.phase,
            align=self.align,
            start=self.first,
        )


@dataclass(frozen=True, kw_only=True)
class QueueOptions(Options):
    """What only a queue worker has. The decorator's ``q`` says nothing here."""

    q: bool = True
    queue: Any = None
    queue_class: Callable[[], Any] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.queue is not None and self.queue_class is not None:
            raise ValueError("queue and queue_class exclude each other: give one of them")
        if self.queue_class is not None and not callable(self.queue_class):
            raise TypeError(f"queue_class must be callable, not {type(self.queue_class).__name__}")


@dataclass(frozen=True, kw_only=True)
class EventOptions(Options):
    """What only an event worker has. The decorator's ``e`` says nothing here."""

    e: bool = True
    event: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.event is None:
            return
        if not all(callable(getattr(self.event, name, None)) for name in ("set", "clear", "wait", "is_set")):
            raise TypeError(f"event must be a threading.Event, not {type(self.event).__name__}")
        if inspect.iscoroutinefunction(self.event.wait):
            raise TypeError("event must be one for threads, not of asyncio")


# The pairs of which only one counts: a new value of one takes the place of the other.
RIVALS = {"delay": "interval", "interval": "delay", "queue": "queue_class", "queue_class": "queue"}
# Every parameter of every kind: start(_name=value) is an override and not for the function.
ALL_NAMES = LoopOptions.names() | QueueOptions.names() | EventOptions.names() | {"delay_after"}


def overridden(kind: str, options: Options, kwargs: dict[str, Any]) -> tuple[Options, dict[str, Any]]:
    """Take the overrides out of the keyword arguments of ``start``.

    Returns:
        The parameters with them, and the other arguments.

    Raises:
        TypeError, ValueError: A parameter is not one of this kind of worker, or its value is wrong.
    """
    given = {key[1:]: value for key, value in kwargs.items() if key[:1] == "_" and key[1:] in ALL_NAMES}
    if not given:
        return options, kwargs
    changes = renamed(given)
    refuse_unknown(kind, changes, options.names())
    for name in list(changes):
        if name in RIVALS and changes[name] is not None:
            changes.setdefault(RIVALS[name], None)
    rest = {key: value for key, value in kwargs.items() if key[:1] != "_" or key[1:] not in ALL_NAMES}
    return dataclasses.replace(options, **changes), rest


def span_ns(name: str, value: float | None, *, zero_ok: bool = False) -> int | None:
    """Return a length of time in nanoseconds, or None where there is none.

    Raises:
        TypeError, ValueError: It is not a finite positive number; the message begins with ``name``.
    """
    if value is None:
        return None
    wanted = "non-negative" if zero_ok else "positive"
    try:
        span = timeout_to_ns(value)
    except TypeError:
        raise TypeError(f"{name} must be a {wanted} number of seconds, not {type(value).__name__}") from None
    except ValueError:
        span = None
    if span is None or (span == 0 and not zero_ok):
        raise ValueError(f"{name} must be a {wanted}, finite number of seconds, not {value!r}")
    return span


def renamed(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters with ``delay_after`` under its other name, ``delay``.

    Raises:
        ValueError: Both are given.
    """
    found = dict(parameters)
    if "delay_after" in found:
        if "delay" in found:
            raise ValueError("delay and delay_after are two names of one parameter: give one of them")
        found["delay"] = found.pop("delay_after")
    return found


def refuse_unknown(kind: str, given: Iterable[str], known: set[str]) -> None:
    """Raise TypeError if a parameter is none of this kind of worker."""
    unknown = sorted(set(given) - known)
    if unknown:
        raise TypeError(f"{kind} has no parameter {unknown[0]!r}; it has {', '.join(sorted(known))}")
