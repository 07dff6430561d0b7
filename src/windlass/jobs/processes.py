"""Child processes for jobs: a standard process pool that is replaced when it breaks.

:class:`windlass.DockMaster` knows no more of it than the public methods of :class:`JobProcesses`.
"""

import multiprocessing
import pickle
import signal
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from windlass.jobs import registry

# Executors of the parent, in a forked child: their finalizers take locks that nobody there will release.
_inherited: list[ProcessPoolExecutor] = []


class JobProcesses:
    """Up to ``max_workers`` child processes, one of them started at once, the others when they are first needed.

    They are started by a fork server where there is one, else spawned: never forked from a process with threads. They
    ignore Ctrl-C, which a terminal sends to them too.

    Raises:
        BrokenProcessPool: The first child died at its start. Is the script's main part guarded by
            ``if __name__ == "__main__"``?

    Thread safety:
        Safe on shared objects.
    """

    def __init__(self, max_workers: int) -> None:
        self._max_workers = max_workers
        methods = multiprocessing.get_all_start_methods()
        self._context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
        self._lock = threading.Lock()  # guards the replacement of _executor
        self._executor = self._make()
        # The standard pool starts its threads at its first call, and CPython 3.12 starts none at interpreter exit.
        self._executor.submit(int).result()

    def _make(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._max_workers, self._context, initializer=_ignore_interrupts)

    def call(self, function: Callable[..., Any], kwargs: Mapping[str, Any]) -> Any:
        """Return ``function(**kwargs)`` as called in a child process, waiting for it.

        Raises:
            BrokenProcessPool: A child process died meanwhile. The next call gets new ones.
            BaseException: What the function raised, with the traceback of the child as its cause.
        """
        future = self._submit(function, dict(kwargs))
        try:
            return future.result()
        finally:
            del future  # the exception refers to this frame, and the future to the exception

    def _submit(self, function: Callable[..., Any], kwargs: dict[str, Any]) -> Future[Any]:
        while True:
            executor = self._executor
            try:
                return executor.submit(call_in_child, function, kwargs)
            except BrokenProcessPool:
                self._replace(executor)
            except RuntimeError:  # no thread or process could be started: it would never answer
                if self._replace(executor):
                    raise

    def _replace(self, broken: ProcessPoolExecutor) -> bool:
        """Put a new executor in the place of a broken one; return whether this call did it."""
        with self._lock:
            if self._executor is not broken:
                return False
            self._executor = self._make()
        _kill(broken)
        return True

    def close(self) -> None:
        """End the child processes after their calls, and wait for that."""
        self._executor.shutdown(wait=True)

    def kill(self) -> None:
        """End the child processes at once; their calls raise BrokenProcessPool."""
        _kill(self._executor)

    def abandon(self) -> None:
        """In a forked child: let go of what is the parent's."""
        _inherited.append(self._executor)
        # multiprocessing would try to join them at the child's exit.
        children = _children(self._executor)
        multiprocessing.process._children.difference_update(children)  # type: ignore[attr-defined]


def _children(executor: ProcessPoolExecutor) -> list[Any]:
    return list((executor._processes or {}).values())  # None once it has been shut down


def _kill(executor: ProcessPoolExecutor) -> None:
    children = _children(executor)
    executor.shutdown(wait=False, cancel_futures=True)
    for child in children:
        child.kill()


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def call_in_child(function: Callable[..., Any], kwargs: dict[str, Any]) -> Any:
    """Call a function; if it raises what cannot be sent to the parent, raise a description of it instead."""
    try:
        return function(**kwargs)
    except BaseException as error:
        if _can_travel(error):
            raise
        raise RuntimeError(f"the job raised {type(error).__name__}, which cannot be pickled: {error}") from error


def _can_travel(error: BaseException) -> bool:
    # An exception that the parent cannot unpickle would break its pool.
    try:
        pickle.loads(pickle.dumps(error))
    except BaseException:
        return False
    return True


registry.end_shifts_before_what_is_imported()  # which the standard pool is
