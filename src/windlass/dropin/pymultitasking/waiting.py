"""Locks with a time limit, and functions that are asked until they have an answer."""

import inspect
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from windlass._core.clock import timeout_to_seconds
from windlass._core.report import report
from windlass.pools.crew_pool import count_cpus


def get_cpu_count() -> int:
    """Return how many processors this process may use. There, it was how many the machine has."""
    return count_cpus()


@contextmanager
def wait_lock(lock: Any, timeout: float | None, blocking: bool = True, raise_exc: bool = True) -> Iterator[bool]:
    """Hold a lock, a semaphore or the like in a ``with`` block. An exception in the block releases it too.

    Args:
        lock: Has ``acquire`` and ``release``.
        timeout: Longest wait in seconds; None for no limit.
        blocking: Whether to wait.
        raise_exc: Whether to raise if the lock was not to be had; if not, the block runs without it.

    Yields:
        Whether the lock is held.

    Raises:
        RuntimeError: It was not to be had in time.
    """
    held = _acquire(lock, timeout if blocking else 0)
    if not held and raise_exc:
        raise RuntimeError(f"the lock was not to be had within {timeout} s")
    try:
        yield held
    finally:
        if held:
            lock.release()


def safe_acquire(lock: Any, timeout: float | None) -> bool:
    """Acquire a lock; return whether that was done in time. What it raises is logged, and means no."""
    try:
        return _acquire(lock, timeout)
    except Exception as error:
        report("exception in safe_acquire of", lock, error)
        return False


def safe_release(lock: Any) -> bool:
    """Release a lock; return whether that was done. What it raises is logged, and means no."""
    try:
        lock.release()
    except Exception as error:
        report("exception in safe_release of", lock, error)
        return False
    return True


def _acquire(lock: Any, timeout: float | None) -> bool:
    limit = timeout_to_seconds(timeout, negative_ok=True)
    if limit is None:
        return bool(lock.acquire())
    if limit <= 0:
        return bool(lock.acquire(False))
    return bool(lock.acquire(True, min(limit, threading.TIMEOUT_MAX)))


def method_wait(
    func: Callable[..., Any],
    timeout: float = 60,
    delay: float = 0.1,
    delayPercent: bool = False,
    delayAscending: bool | None = None,
    incompleteVar: Any = None,
    raiseExc: bool | BaseException | type[BaseException] = False,
    *args: Any,
    **kwargs: Any,
) -> Any:
    """Call a function until it returns something else than ``incompleteVar``.

    Nothing can tell when it will, so this does ask again and again. Where there is an event to wait for, wait for that.

    Args:
        func: The function.
        timeout: When to stop asking, in seconds from now. The function is asked at least once.
        delay: Seconds between two calls.
        delayPercent: ``delay`` is a share of the time gone by, and no less than 0.1 s.
        delayAscending: The delays grow (True) or shrink (False) by the factor ``delay`` between 1 s and ``timeout``.
        incompleteVar: What the function returns as long as it has no answer.
        raiseExc: What to do if the function raises: False: return the exception; True: raise it; an exception or a
            class of such: raise that, with the other one as its cause.
        args: Positional arguments of the function.
        kwargs: Its keyword arguments; but ``failureVar`` is another value that is an answer.

    Returns:
        What the function returned, or ``incompleteVar`` when the time was over.
    """
    has_failure, failure = "failureVar" in kwargs, kwargs.pop("failureVar", None)
    start = monotonic()
    delays = _delays(timeout, delay, delayPercent, delayAscending, start)
    pause = threading.Event()
    while True:
        try:
            answer = func(*args, **kwargs)
        except Exception as error:
            return _raise_or_return(func, error, raiseExc)
        if (has_failure and answer == failure) or answer != incompleteVar:
            return answer
        left = start + timeout - monotonic()
        if left <= 0:
            return incompleteVar
        pause.wait(min(left, next(delays)))


def _delays(timeout: float, delay: float, percent: bool, ascending: bool | None, start: float) -> Iterator[float]:
    if ascending is not None:
        yield from _geometric(timeout, delay, ascending)
    while True:
        yield max(0.1, (monotonic() - start) * delay) if percent else delay


def _geometric(timeout: float, factor: float, ascending: bool) -> Iterator[float]:
    steps = [timeout * factor]
    while 0 < factor < 1 and steps[-1] * factor > 1:
        steps.append(steps[-1] * factor)
    if ascending:
        steps.reverse()
    yield from steps
    while True:
        yield steps[-1]


def _raise_or_return(
    func: Callable[..., Any], error: Exception, how: bool | BaseException | type[BaseException]
) -> Exception:
    if how is True:
        raise error
    if inspect.isclass(how) and issubclass(how, BaseException):
        raise how(f"{func!r} has raised: {error}") from error
    if isinstance(how, BaseException):
        raise how from error
    report("exception in", func, error)
    return error
