"""The future of an executor of processes: callbacks of one executor are called one at a time.

In the standard class one thread calls them all, and programs rely on that. Here each process has a thread beside it.
"""

import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from windlass.dropin.futures import _base

T = TypeVar("T")


class CallbackQueue:
    """Calls callbacks one after the other, on whichever thread comes first: nobody waits for his turn.

    Thread safety:
        Safe on shared objects.
    """

    def __init__(self) -> None:
        self._waiting: deque[tuple[Callable[[Any], object], Future[Any]]] = deque()
        self._lock = threading.RLock()  # guards both; a finalizer may interrupt its holder
        self._is_busy = False  # somebody calls, and will look again before he stops

    def call(self, fn: Callable[[Any], object], future: "Future[Any]") -> None:
        """Have ``fn(future)`` called, now or by who is at it."""
        with self._lock:
            self._waiting.append((fn, future))
            if self._is_busy:
                return
            self._is_busy = True
        while True:
            with self._lock:
                if not self._waiting:
                    self._is_busy = False
                    return
                fn, future = self._waiting.popleft()
            try:
                fn(future)
            except BaseException as error:
                future._report_callback(error)


class Future(_base.Future[T]):
    """As :class:`windlass.dropin.futures.Future`."""

    def add_done_callback(self, fn: Any) -> None:
        """Have ``fn(future)`` called at the end, one callback at a time; now if it has ended."""
        in_turn = callable(fn) and not self.done()
        super().add_done_callback(partial(_call_in_turn, fn) if in_turn else fn)


def _call_in_turn(fn: Callable[[Any], object], future: Future[Any]) -> None:
    # The thread of the process that ran the call, whoever tells of its end: a waiting thread may have read the answer.
    crew = getattr(future.worker, "_crew", None)
    callbacks: CallbackQueue | None = getattr(crew, "callbacks", None)
    if callbacks is None:  # no process has: it was cancelled, or the executor broke
        fn(future)
    else:
        callbacks.call(fn, future)
