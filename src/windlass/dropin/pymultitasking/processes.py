"""What PyMultiTasking promises of processes, under the names that its code has for it."""

import multiprocessing
from functools import partial
from typing import TYPE_CHECKING

from windlass.decorators.processed import ProcessedFunction
from windlass.decorators.settings import PROCESS_OPTIONS, sort_settings
from windlass.decorators.task_decorator import decorate_now_or_later
from windlass.dropin.pymultitasking.pool import ProcessPool
from windlass.dropin.pymultitasking.task import PriorityTaskQueue
from windlass.dropin.pymultitasking.worker import OlderWorker
from windlass.pools.process_worker import ProcessWorker as _ProcessWorker

if TYPE_CHECKING:
    from windlass.decorators.processed import Processed as Processed
else:

    def Processed(function=None, /, *, daemon=None, pool=None, pool_name=None, callback_func=None, **options):
        """As :func:`windlass.Processed`, with pools that have this library's methods."""
        settings = sort_settings(daemon, pool, pool_name, callback_func, options, PROCESS_OPTIONS)
        wrap = partial(ProcessedFunction, settings=settings, pool_type=ProcessPool)
        return decorate_now_or_later("Processed", function, wrap)


class ProcessTaskQueue(PriorityTaskQueue):
    """As :class:`PriorityTaskQueue`. It stays in this process: a pool sends its workers what they are to do next."""


class ProcessWorker(OlderWorker, _ProcessWorker):
    """As :class:`windlass.ProcessWorker`, with the arguments of :class:`OlderWorker`."""

    workerType = "PROCESS"

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
