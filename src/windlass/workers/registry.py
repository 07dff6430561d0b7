"""All workers that were started: stopped at interpreter exit, told of a fork in the child."""

import os
import threading
import weakref
from time import monotonic
from typing import Protocol

from windlass._core.report import report

# How long the interpreter's exit waits for the runs of daemon workers, all together. A thread that comes back to an
# interpreter half taken down hangs or crashes, so most are worth the wait.
DAEMON_LIMIT = 0.5


class Stoppable(Protocol):
    """What this module asks of a worker."""

    @property
    def daemon(self) -> bool: ...  # noqa: D102
    def leave_at_exit(self) -> None: ...  # noqa: D102
    def join(self, timeout: float | None = None) -> bool: ...  # noqa: D102
    def reset_after_fork(self) -> None: ...  # noqa: D102


# By id: a WeakSet would hash and compare. Each use below is one operation. A worker that runs is held by its thread.
_workers: "weakref.WeakValueDictionary[int, Stoppable]" = weakref.WeakValueDictionary()
# True from the moment the interpreter begins to exit.
_exiting = False


def register(worker: Stoppable) -> None:
    """Note a worker that is about to start.

    Raises:
        RuntimeError: The interpreter exits: nobody would stop it.
    """
    if _exiting:
        raise RuntimeError(f"cannot start {worker!r}: the interpreter is exiting")
    _workers[id(worker)] = worker


def is_exiting() -> bool:
    """Return whether the interpreter has begun to exit."""
    return _exiting


def _stop_all() -> None:
    # Runs before the interpreter joins non-daemon threads, which is why it is not an atexit handler: those run after.
    global _exiting
    _exiting = True
    workers = list(_workers.values())
    for worker in workers:
        try:
            worker.leave_at_exit()
        except BaseException as error:
            report("exception on stopping at exit", worker, error)
    for worker in workers:
        if not worker.daemon:
            worker.join()
    end = monotonic() + DAEMON_LIMIT
    for worker in workers:
        worker.join(max(0.0, end - monotonic()))


def _reset_in_child() -> None:
    for worker in list(_workers.values()):
        worker.reset_after_fork()


threading._register_atexit(_stop_all)  # type: ignore[attr-defined]
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_in_child)
