"""ThreadWorker, as PyMultiTasking spells it."""

import ctypes
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from windlass.pools.lone_worker import LoneWorker
from windlass.pools.thread_worker import ThreadWorker as _ThreadWorker

_set_async_exc = ctypes.pythonapi.PyThreadState_SetAsyncExc
_set_async_exc.argtypes = (ctypes.c_ulong, ctypes.py_object)
_set_async_exc.restype = ctypes.c_int


class OlderWorker(LoneWorker):
    """Stands above a worker of windlass, and takes the arguments in the older one's order.

    Args:
        pool: Must be None: a pool makes its workers itself.
        workerAutoKill: Has nothing left to do: a worker waits for work without cost.
        defaultTimeout: Has nothing left to do.
        personalQue: Must be None: every worker has a queue of its own.
        target: What the worker calls first; then it ends.
        name: Of the thread, and of the process if there is one.
        daemon: If True, the interpreter's exit drops what is queued and does not wait for what runs.
        log: Has nothing left to do.
        args: Positional arguments of ``target``.
        kwargs: Keyword arguments of ``target``.
    """

    def __init__(
        self,
        pool: None = None,
        workerAutoKill: bool = True,
        defaultTimeout: float = 10,
        personalQue: None = None,
        target: Callable[..., Any] | None = None,
        name: str | None = None,
        daemon: bool = True,
        log: Any = None,
        *,
        args: Iterable[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        if (pool, personalQue) != (None, None):
            raise TypeError("pool and personalQue must be None: a worker has a queue of its own, see submit()")
        super().__init__(target, name=name, daemon=daemon, args=args, kwargs=kwargs)  # type: ignore[call-arg,arg-type]

    @property
    def killed(self) -> bool:
        """Whether it is told to end."""
        return bool(self._crew.closing)

    @property
    def task_queue(self) -> Any:
        """Its queue: look into it; to put, call ``submit``."""
        return self._crew.store

    def safe_stop(self) -> None:
        """Have it end after its task; what is queued is cancelled."""
        self.stop()


class ThreadWorker(OlderWorker, _ThreadWorker):
    """As :class:`windlass.ThreadWorker`, with the arguments of :class:`OlderWorker`; and it can be killed."""

    workerType = "THREAD"

    def terminate(self) -> None:
        """Raise SystemExit in the thread as soon as it runs Python code; a task gets it as its exception.

        Raises:
            RuntimeError: The thread is not alive.
        """
        ident = self.ident
        if ident is None or not self.is_alive() or not _set_async_exc(ident, SystemExit):
            raise RuntimeError("the thread is not alive")

    def kill(self) -> None:
        """Stop it, and do not wait for its task to end by itself."""
        self.safe_stop()
        if self.is_alive():
            self.terminate()
