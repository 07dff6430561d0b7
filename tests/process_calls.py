"""What the tests of process pools have workers call: importable there, and in step with the test by pipes."""

import os
import select
import signal
import threading
import time
from pathlib import Path
from typing import Any

LIMIT = 60.0  # longest wait for anything, seconds; never reached unless something is broken

METHODS = ["forkserver", "spawn", "fork"]


class Gate:
    """A place where a call in any process waits until the test lets it go on."""

    def __init__(self, folder: Path) -> None:
        self.arrived, self.opened = str(folder / "arrived"), str(folder / "opened")
        self.stands_open = False
        for path in (self.arrived, self.opened):
            os.mkfifo(path)
            self._fd(path)

    def pass_through(self, value: Any = None) -> Any:
        """Say that the call has arrived here, wait for the test, return ``value``."""
        self._put(self.arrived)
        if not self.stands_open:
            self._get(self.opened)
        return value

    def wait_for_arrival(self, n: int = 1) -> None:
        """Wait until ``n`` more calls have arrived."""
        for _ in range(n):
            self._get(self.arrived)

    def has_arrival(self) -> bool:
        """Return whether a call has arrived for which nobody has waited."""
        return bool(select.select([self._fd(self.arrived)], [], [], 0)[0])

    def let_go(self, n: int = 1) -> None:
        """Let ``n`` calls go on."""
        self._put(self.opened, n)

    def stay_open(self) -> None:
        """Let go whoever waits, and whoever comes later in this process; called at the end of a test."""
        self.stands_open = True  # first: who does not see it finds one of these bytes
        self.let_go(64)

    def __del__(self) -> None:
        # Not at the end of the test: a thread may still be on its way through, and would open a pipe without a byte.
        for fd in self._fds().values():
            os.close(fd)

    def _fds(self) -> dict[str, int]:
        fds: dict[str, int] = self.__dict__.setdefault("_open", {})
        return fds

    def _fd(self, path: str) -> int:
        # For reading and writing: the opening waits for nobody, and what was written stays while one holds it open.
        fds = self._fds()
        if path not in fds:
            fds[path] = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        return fds[path]

    def _put(self, path: str, n: int = 1) -> None:
        os.write(self._fd(path), b"x" * n)

    def _get(self, path: str) -> None:
        fd = self._fd(path)
        assert select.select([fd], [], [], LIMIT)[0], f"nobody came to {path}"
        os.read(fd, 1)

    def __getstate__(self) -> dict[str, Any]:
        return {"arrived": self.arrived, "opened": self.opened, "stands_open": False}


class SlowToPickle:
    """Waits while it is pickled, and is 0 over there."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __reduce__(self) -> tuple[Any, ...]:
        self.begun.set()
        assert self.go_on.wait(LIMIT)
        return int, ()


def add(a: Any, b: Any = 1) -> Any:
    """Return the sum."""
    return a + b


def same(value: Any = None) -> Any:
    """Return the argument."""
    return value


def fail(text: str = "on purpose") -> None:
    """Raise."""
    raise ValueError(text)


def raise_(error: BaseException) -> None:
    """Raise that."""
    raise error


def leave(status: int = 0) -> None:
    """End the process without a word."""
    os._exit(status)


def die(sig: int = signal.SIGKILL) -> None:
    """End the process by a signal, which leaves no core file."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sig in (signal.SIGSEGV, signal.SIGABRT):
        signal.signal(sig, signal.SIG_DFL)
    os.kill(os.getpid(), sig)
    time.sleep(LIMIT)


def die_at(bad: int, value: int) -> int:
    """Return the value, unless it is the bad one."""
    if value == bad:
        die()
    return value


def pid_of(_: Any = None) -> int:
    """Return the worker's process number."""
    return os.getpid()


def hang() -> None:
    """Never end by itself."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(LIMIT)


def kill(pid: int) -> None:
    """End another process, if it has not ended by itself."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def is_alive(pid: int) -> bool:
    """Return whether the process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def await_end(pid: int, limit: float = LIMIT) -> None:
    """Wait until a process that need not be a child of this one has ended."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([fd], [], [], limit)[0], f"process {pid} still lives"
    finally:
        os.close(fd)
