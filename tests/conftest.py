"""What all tests need."""

import signal


def pytest_configure() -> None:
    """Make Ctrl-C work: a shell's background job starts with SIGINT ignored, and this run may be one."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
