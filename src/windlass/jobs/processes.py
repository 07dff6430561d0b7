"""Child processes for jobs: a process pool of their own.

:class:`windlass.DockMaster` knows no more of it than the public methods of :class:`JobProcesses`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from windlass.pools.hidden_process_pool import HiddenProcessPool


class JobProcesses:
    """Up to ``max_workers`` child processes, one of them started at once, the others when they are first needed.

    Args:
        max_workers: Most of them at a time.

    Raises:
        BrokenPool: No child could be started. Is the script's main part guarded by ``if __name__ == "__main__"``?

    Thread safety:
        Safe on shared objects.
    """

    def __init__(self, max_workers: int) -> None:
        # One stays, since CPython 3.12 starts no thread beside a process at interpreter exit.
        self._pool = HiddenProcessPool(max_workers, min_workers=1, process_name_prefix="windlass-jobs")
        self._pool.submit(int).result()
        self._submitter = self._pool.options()

    def grow_no_more(self) -> None:
        """Make do with the child processes that there are."""
        self._submitter = self._pool.options(autospawn=False)

    def call(self, function: Callable[..., Any], kwargs: Mapping[str, Any]) -> Any:
        """Return ``function(**kwargs)`` as called in a child process, waiting for it.

        Raises:
            WorkerDied: The child process died meanwhile. Another one takes its place.
            TransferError: The function, an argument or the result does not pickle.
            BaseException: What the function raised, with the traceback of the child as its cause.
        """
        task = self._submitter.submit(function, **kwargs)
        try:
            return task.result()
        finally:
            del task  # the exception refers to this frame, and the task to the exception

    def close(self) -> None:
        """End the child processes after their calls, and wait for that."""
        self._pool.shutdown()

    def kill(self) -> None:
        """End the child processes at once; their calls raise TaskCancelled."""
        self._pool.terminate()
