"""Exceptions that signal handlers raise: they concern the thread that was interrupted, not the work it was at."""

import signal
import threading
from functools import partial
from traceback import walk_tb
from typing import Any


def is_interrupt(error: BaseException) -> bool:
    """Return whether a signal handler has raised ``error`` on the calling thread.

    Of handlers that are written in C, only that of Ctrl-C is recognized.
    """
    if threading.current_thread() is not threading.main_thread():  # only there do handlers run
        return False
    if isinstance(error, KeyboardInterrupt):
        return True
    passed = {frame.f_code for frame, _ in walk_tb(error.__traceback__)}
    if len(passed) < 2:  # below whoever asks, it has met no Python code
        return False
    return any(_code_of(signal.getsignal(number)) in passed for number in signal.valid_signals())


def _code_of(handler: Any) -> Any:
    # Of the Python function that a handler is or leads to; else None.
    while isinstance(handler, partial):
        handler = handler.func
    if not callable(handler):  # there is none; what says so has a class that can be called
        return None
    return getattr(handler, "__code__", None) or getattr(type(handler).__call__, "__code__", None)
