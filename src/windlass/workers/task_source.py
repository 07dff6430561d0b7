"""Where a queue worker's tasks come from: how to wait for one so that an order ends the wait."""

import contextlib
import inspect
import itertools
import os
import queue as queue_module
import threading
import weakref
from dataclasses import dataclass, replace
from typing import Any

from windlass._core.report import report
from windlass.errors import QueueClosed
from windlass.workers.shift import Shift

CLOSED: tuple[type[Exception], ...] = (
    (QueueClosed, queue_module.ShutDown) if hasattr(queue_module, "ShutDown") else (QueueClosed,)
)
# What get() raises when there will be no task, or none before the time is over.
NO_MORE: tuple[type[Exception], ...] = (queue_module.Empty, *CLOSED)
# What put() raises where nobody can be asleep in get().
NO_SLEEPER: tuple[type[Exception], ...] = (queue_module.Full, *CLOSED)


@dataclass(frozen=True)
class WakeUp:
    """What a queue that is not a ``queue.Queue`` gets to wake a worker in its ``get``. It is no task.

    It is passed on by a worker that it is not meant for, in another process too. Other readers of such a queue should
    skip it.
    """

    process: int
    number: int
    serial: int
    passes: int = 0


# How often a wake-up is passed on that is meant for another process, where its worker may be long gone.
MOST_PASSES = 1000

_numbers = itertools.count(1)
# Who is woken by the wake-up of that number.
_sources: "weakref.WeakValueDictionary[int, ForeignQueue]" = weakref.WeakValueDictionary()


def check_queue(queue: Any) -> Any:
    """Return ``queue`` if it is one for threads.

    Raises:
        TypeError: It is not.
    """
    if not (callable(getattr(queue, "put", None)) and callable(getattr(queue, "get", None))):
        raise TypeError(f"queue must have put and get, and {type(queue).__name__} has not")
    if inspect.iscoroutinefunction(queue.get):
        raise TypeError(f"queue must be one for threads, not {type(queue).__name__} of asyncio")
    return queue


def source_of(queue: Any, shift: Shift) -> "StandardQueue | ForeignQueue":
    """Return what takes tasks from ``queue`` for a shift."""
    if isinstance(queue, queue_module.Queue) and type(queue).get is queue_module.Queue.get:
        return StandardQueue(queue, shift)
    return ForeignQueue(queue, shift)


class StandardQueue:
    """Takes tasks from a ``queue.Queue``, or a subclass such as ``PriorityQueue``.

    It waits as ``get`` does, on the queue's own condition, but an order ends the wait too. Orders are looked at and
    told under that lock, so none is overlooked, and no task is taken after the order to stop.
    """

    def __init__(self, queue: "queue_module.Queue[Any]", shift: Shift) -> None:
        self._queue = queue
        self._shift = shift

    def wake(self) -> None:
        """Let the thread that waits look at its orders."""
        # A signal handler may have interrupted the holder of the lock, which then is below on the caller's own stack.
        if self._queue.mutex.locked():
            threading.Thread(target=self._notify, name="windlass-wake", daemon=True).start()
        else:
            self._notify()

    def _notify(self) -> None:
        # Not `with not_empty`, though mutex is its lock: Ctrl-C could come between its being taken and not_empty's
        # knowing of it.
        with self._queue.mutex:
            self._queue.not_empty.notify_all()

    def take(self) -> tuple[Any, ...]:
        """Wait for a task; return it in a tuple, which is empty if the shift is to stop."""
        queue, shift = self._queue, self._shift
        while not shift.stopping:
            if shift.paused:  # not asleep in the queue: a put wakes one who waits there, and that one is to take
                shift.rest()
                continue
            with queue.mutex:
                found = self._take_locked()
                if not found and queue._qsize():
                    queue.not_empty.notify()  # what woke this thread may have been a put, for another reader now
            if found:
                return found
        return ()

    def _take_locked(self) -> tuple[Any, ...]:
        queue, shift = self._queue, self._shift
        while not (shift.stopping or shift.paused):
            if queue._qsize():
                task = queue._get()
                queue.not_full.notify()
                return (task,)
            closed = shift.finishing or getattr(queue, "is_shutdown", False)
            if closed or (not queue.not_empty.wait(shift.left()) and shift.left() == 0):
                shift.stopping = True
        return ()

    def done(self) -> None:
        """Acknowledge a task."""
        try:
            self._queue.task_done()
        except ValueError:  # the function has said so itself
            pass


class ForeignQueue:
    """Takes tasks from any other queue with ``put`` and ``get``: an item that is no task wakes its ``get``."""

    def __init__(self, queue: Any, shift: Shift) -> None:
        self._queue = queue
        self._shift = shift
        self._in_get = False  # whether the thread sleeps in get(), or is about to
        # Of the latest wake-up that was put, and of the latest that has come out again, whoever took it.
        self._sent = 0
        self._taken = 0
        self._refused = False
        self._has_run = False  # a task, since it last looked after its wake-up
        self._number = next(_numbers)
        _sources[self._number] = self
        self._put = getattr(queue, "put_nowait", queue.put)
        self._done = getattr(queue, "task_done", None)
        self._empty = getattr(queue, "empty", lambda: True)
        self._get_at_once = getattr(queue, "get_nowait", queue.get)

    def wake(self) -> None:
        """Let the thread that waits look at its orders."""
        shift = self._shift
        if self._sent > self._taken:  # it is in the queue, or about to be
            return
        if shift.finishing and not shift.over:
            # Whatever empty() says of tasks that are on their way: what comes before the wake-up is run.
            self._send()
        # take() says where it is and then looks at the orders; here it is the other way round: one sees the other.
        elif shift.stopping and self._in_get:
            self._send()

    def _send(self) -> None:
        try:
            self._sent += 1  # first: it may be taken at once
            self._put(WakeUp(os.getpid(), self._number, self._sent))
        except BaseException as error:
            self._sent = self._taken
            self._refused = True
            if not isinstance(error, NO_SLEEPER):
                report("exception on waking", self._shift.owner, error)

    def take(self) -> tuple[Any, ...]:
        """Wait for a task; return it in a tuple, which is empty if there is none and the orders are to be looked at."""
        shift = self._shift
        if not shift.sleep_until(lambda: 0):  # at once, unless paused
            return ()
        self._in_get = True
        try:
            if shift.stopping:
                return ()
            found = self._get()
        except NO_MORE:
            shift.stopping = True
            return ()
        finally:
            self._in_get = False
        if isinstance(found, WakeUp):
            self._woken(found)
            return ()
        self._has_run = True
        shift.sleep_until(lambda: 0)  # it came after a pause was ordered: it is run when that ends, or on stopping
        return (found,)

    def _get(self) -> Any:
        shift = self._shift
        if shift.finishing:
            if self._refused or 0 < self._sent <= self._taken:
                # What has come since. Not by waiting for it: another reader may be faster.
                if self._empty():
                    raise queue_module.Empty
                return self._get_at_once()
            if self._sent and self._has_run and self._empty():  # on its way, or given up by another process
                self._has_run = False
                self._send()
        left = shift.left()
        return self._queue.get() if left is None else self._queue.get(timeout=left)

    def _woken(self, wake_up: WakeUp) -> None:
        if wake_up.process == os.getpid():
            meant = _sources.get(wake_up.number)
            if meant is not None:
                meant._hear(wake_up, self)
        elif wake_up.passes < MOST_PASSES:
            self._pass_on(wake_up)
        self.done()

    def _hear(self, wake_up: WakeUp, reader: "ForeignQueue") -> None:
        # First this, then the look whether it sleeps, as in wake(). If not, it will see: passed on, the wake-up would
        # go round and round until it has run its task.
        self._taken = max(self._taken, wake_up.serial)
        if reader is not self and self._in_get and not self._shift.over:
            reader._pass_on(wake_up)

    def _pass_on(self, wake_up: WakeUp) -> None:
        with contextlib.suppress(*NO_SLEEPER):
            self._put(replace(wake_up, passes=wake_up.passes + 1))

    def done(self) -> None:
        """Acknowledge a task."""
        if self._done is not None:
            try:
                self._done()
            except ValueError:  # the function has said so itself
                pass
