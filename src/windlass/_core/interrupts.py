"""Exceptions that signal handlers raise: they concern the thread that was interrupted, not the work it was at."""

import signal
import threading
from traceback import walk_tb


def is_interrupt(error: BaseException) -> bool:
    """Return whether a signal handler has raised ``error`` on the calling thread.

    Handlers that are neither functions nor methods are not recognized, but for that of Ctrl-C.
    """
    if threading.current_thread() is not threading.main_thread():  # only there do handlers run
        return False
    if isinstance(error, KeyboardInterrupt):
        return True
    passed = {frame.f_code for frame, _ in walk_tb(error.__traceback__)}
    if len(passed) < 2:  # below whoever asks, it has met no Python code
        return False
    return any(getattr(signal.getsignal(number), "__code__", None) in passed for number in signal.valid_signals())
