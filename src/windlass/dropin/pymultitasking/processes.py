"""What PyMultiTasking promises of processes, under the names that its code has for it."""

import multiprocessing
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from windlass.decorators.processed import Decorator
from windlass.decorators.settings import PROCESS_OPTIONS, sort_settings
from windlass.dropin.pymultitasking.pool import ProcessPool
from windlass.dropin.pymultitasking.task import PriorityTaskQueue
from windlass.pools.process_worker import ProcessWorker as _ProcessWorker

if TYPE_CHECKING:
    from windlass.decorators.processed import Processed as Processed
else:

    def Processed(function=None, /, *, daemon=None, pool=None, pool_name=None, callback_func=None, **options):
        """As :func:`windlass.Processed`, with pools that have this library's methods."""
        settings = sort_settings(daemon, pool, pool_name, callback_func, options, PROCESS_OPTIONS)
        decorator = Decorator(settings, ProcessPool)
        return decorator if function is None else decorator(function)


class ProcessTaskQueue(PriorityTaskQueue):
    """As :class:`PriorityTaskQueue`. It stays in this process: a pool sends its workers what they are to do next."""


class ProcessWorker(_ProcessWorker):
    """As :class:`windlass.ProcessWorker`, with the order of arguments that workers have there.

    Args:
        pool: Must be None: a pool makes its workers itself.
        workerAutoKill: Has nothing left to do: a worker waits for work without cost.
        defaultTimeout: Has nothing left to do.
        personalQue: Must be None: every worker has a queue of its own.
        target: Called by the process, which then ends.
        name: Of the process.
        daemon: If True, the interpreter's exit drops what is queued and ends what runs.
        log: Has nothing left to do.
        args: Positional arguments of ``target``.
        kwargs: Keyword arguments of ``target``.
    """

    workerType = "PROCESS"

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
        super().__init__(target, name=name, daemon=daemon, args=args, kwargs=kwargs)

    @property
    def killed(self) -> bool:
        """Whether it is told to end."""
        return bool(self._crew.closing)

    @property
    def task_queue(self) -> Any:
        """Its queue: look into it; to put, call ``submit``."""
        return self._crew.store

    def safe_stop(self) -> None:
        """Have the process end after its task; what is queued is cancelled."""
        self.stop()

    def kill(self) -> None:
        """End the process at once; what is queued is cancelled."""
        self.terminate()


def set_start_method(method: str | None = None, force: bool = False) -> bool | None:
    """Set how :mod:`multiprocessing` starts processes, as it does there. The pools here go by their ``start_method``.

    Returns:
        Whether it was set; None if there is no such method.
    """
    method = "spawn" if method is None else method
    if method not in multiprocessing.get_all_start_methods():
        return None
    try:
        multiprocessing.set_start_method(method, force=force)
    except RuntimeError:
        return False
    return True
