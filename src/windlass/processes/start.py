"""Start methods: how a worker process comes to be."""

import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.machinery import ModuleSpec
from multiprocessing import connection, forkserver, reduction
from multiprocessing import process as processes
from types import TracebackType
from typing import Any

from windlass.errors import WorkerDied
from windlass.processes.references import STDIN

# By which a new process finds the program's functions. A script that has ended has lost it, its pools may live on.
_main_module = sys.modules.get("__main__")
_main_file = getattr(_main_module, "__file__", None)
_main_file = None if _main_file == STDIN else _main_file

# The exit status of a process that would start others while it is being started itself, and what helps.
NO_GUARD = 78
LONGEST_CHAIN = 100  # of exceptions, one the cause of the next, that is followed to the refusal
DYING = 5.0  # seconds, from a process's last word to its end; more than any takes
PUT_UNDER_GUARD = "put what starts them under if __name__ == '__main__'"

# One start at a time: a fork in one thread must not copy the half-made descriptors of another.
_lock = threading.Lock()


def check_method(method: str | None) -> str:
    """Return the start method, checked; where none is asked for, forkserver if it exists, else spawn."""
    methods = multiprocessing.get_all_start_methods()
    if method is None:
        return "forkserver" if "forkserver" in methods else "spawn"
    if method not in methods:
        raise ValueError(f"start_method must be one of {', '.join(methods)} or None, not {method!r}")
    return method


def may_start() -> bool:
    """Return whether this process may start others: not while it is being started itself and imports its modules."""
    return not getattr(processes.current_process(), "_inheriting", False)


def check_may_start(method: str) -> None:
    """Refuse to start others from a process that is being started itself, which would go on without end.

    Raises:
        RuntimeError: This is such a process.
    """
    if method != "fork" and not may_start():
        if getattr(sys.excepthook, "func", None) is not _end_quietly:
            sys.excepthook = partial(_end_quietly, sys.excepthook)
        raise Unguarded(f"a worker process cannot start workers while it imports the program: {PUT_UNDER_GUARD}")


class Unguarded(RuntimeError):
    """A worker process was about to start others while it imported the program."""


def _end_quietly(
    hook: Callable[..., object], kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    # What has come of that refusal and nobody has caught: the parent tells, once, and not each of its workers.
    link: BaseException | None = error
    for _ in range(LONGEST_CHAIN):
        if link is None or isinstance(link, Unguarded):
            break
        link = link.__cause__ or link.__context__
    if not isinstance(link, Unguarded):
        hook(kind, error, trace)
        return
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(NO_GUARD)


class HandedDescriptor:
    """A file descriptor on its way to the process that is being started."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def __reduce__(self) -> tuple[Any, ...]:
        return _take_over, (reduction.DupFd(self.fd),)


def _take_over(handed: Any) -> HandedDescriptor:
    return HandedDescriptor(handed.detach())


def start_process(method: str, target: Callable[..., object], args: tuple[Any, ...], name: str) -> Any:
    """Start a process that runs ``target(*args)``; return its :class:`multiprocessing.Process`.

    Raises:
        OSError, RuntimeError: It cannot be started.
        WorkerDied: What is to start it has ended with status ``NO_GUARD``.
    """
    check_may_start(method)
    context: Any = multiprocessing.get_context(method)
    with _lock:
        while True:
            child = context.Process(target=target, args=args, name=name, daemon=False)
            _restore_main_file()
            with _stdin_left_out():
                _start(method, context, child)
            if method == "fork" or not _has_lost_main_file():
                return child
            child.kill()  # the script has ended meanwhile, so this one may not know its functions
            child.join()


def _start(method: str, context: Any, child: Any) -> None:
    if method == "forkserver":
        _preload(context)
        forkserver.ensure_running()  # before any signal is blocked: it would be so in all it ever forks
        try:
            child.start()
        except (EOFError, ConnectionError) as error:  # it has ended; the next start makes another
            server = getattr(forkserver._forkserver, "_forkserver_pid", None) or 0
            if _status_of_dying(server) == NO_GUARD:
                why = f"the fork server would start workers itself while it imports the program; {PUT_UNDER_GUARD}"
                raise WorkerDied(why, server, NO_GUARD) from None
            # For want of descriptors, or it has imported the program and met with an exception.
            raise OSError("the fork server has ended in the middle of a start; what it raised is on stderr") from error
    else:
        # Ctrl-C on the way to the line that ignores it would be a traceback in the terminal.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            with warnings.catch_warnings():
                # From 3.12 on, fork() warns where there are threads. Whoever asks for it here has been told.
                warnings.filterwarnings("ignore", r".*fork\(\)", DeprecationWarning)
                child.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    # Not among those that multiprocessing polls whenever it starts one, and joins at exit: two waits for one
    # process, and one of them never learns the exit status.
    processes._children.discard(child)  # type: ignore[attr-defined]


def _status_of_dying(pid: int) -> int | None:
    # Its exit status, None if unknown. Later patch releases of 3.13 have the fork server import the program itself.
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        death = os.pidfd_open(pid)
        try:
            connection.wait([death], DYING)  # its sockets close before it has ended
        finally:
            os.close(death)
        end = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)  # multiprocessing collects it
    except OSError:
        return None
    return None if end is None else end.si_status


@contextmanager
def _stdin_left_out() -> Iterator[None]:
    # Else multiprocessing would have the new process import the program from a file of that name. It leaves out what
    # has this spec, and nobody else looks at that of a script, while another thread may well read its file.
    main: Any = sys.modules.get("__main__")
    if getattr(main, "__file__", None) != STDIN or main.__spec__ is not None:
        yield
        return
    main.__spec__ = ModuleSpec("__main__", None)
    try:
        yield
    finally:
        main.__spec__ = None


def _has_lost_main_file() -> bool:
    main = sys.modules.get("__main__")
    return main is _main_module and _main_file is not None and not hasattr(main, "__file__")


def _restore_main_file() -> None:
    if _has_lost_main_file():
        sys.modules["__main__"].__file__ = _main_file


def _preload(context: Any) -> None:
    # Children of a fork server that knows this package start without importing it. Only if nobody has chosen what to
    # preload, and it is not running yet.
    server = forkserver._forkserver
    if getattr(server, "_preload_modules", None) == ["__main__"]:
        context.set_forkserver_preload(["__main__", "windlass.processes.child"])


def _reset_in_child() -> None:
    global _lock
    _lock = threading.Lock()
    # The fork server is the parent's child, not ours: to look after it would fail. We start one of our own, and do not
    # keep the parent's alive.
    server: Any = forkserver._forkserver
    if getattr(server, "_forkserver_pid", None) is not None:
        os.close(server._forkserver_alive_fd)
        server._forkserver_address = server._forkserver_alive_fd = server._forkserver_pid = None
        server._lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_in_child)
