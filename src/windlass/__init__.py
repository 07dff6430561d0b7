# How the package is laid out, from the bottom up; a module imports only from lines before its own, or its own folder.
#
#   errors.py priority.py callable_name.py public_names.py _version.py            0
#   _core/           the compiled hot path: clock, parker, levels, task_queue,
#                    task, worker_loop, dispatcher; README.md explains it         1
#   future.py        the standard library's view of a task                        2
#   waiting.py       waiting for several tasks                                    2
#   task.py          Task, as_completed, wait, current_task                       2
#   ticker.py        Ticker; ticker_statistics.py: how punctual it was;           2
#                    ticker_alarm.py: what a coroutine sleeps on
#   realtime.py      scheduling class and processors of a loop's thread           2
#   processes/       worker processes: the parent's side, the child's, messages    2
#   monitors/        who watches: TaskMonitor, counters, a progress bar            2
#   pools/           who runs tasks: thread_pool, process_pool, crews, registry   3
#   workers/         who makes work again and again: loop, queue, event worker    4
#   functions.py     FunctionCollection                                           4
#   jobs/            DockMaster, Job                                              4
#   multi_processor.py   MultiProcessor, Result                                   4
#   master/          Master, Worker: processes that are initialised once          4
#   decorators/      Threaded, Processed, Limiter                                 5
#   dropin/          other libraries' names on this engine                        6
#   cli.py           windlass demo | bench | jitter | doctor; each command has    7
#                    modules of its name; result_file.py: where they write to
"""Thread and process pools, tasks, priority queues and realtime loops on a compiled core."""

from importlib import import_module
from typing import Any

from windlass._version import __version__ as __version__
from windlass.public_names import HOME_OF, exports_of

_get, __dir__ = exports_of(__name__)

__all__ = ["__version__", *HOME_OF]


def __getattr__(name: str) -> Any:
    if name in HOME_OF:
        return _get(name)
    if not name.startswith("__"):
        try:
            return import_module(f"windlass.{name}")  # as if all had been imported: windlass.errors
        except ModuleNotFoundError as error:
            if error.name != f"windlass.{name}":
                raise
    raise AttributeError(f"module 'windlass' has no attribute {name!r}")
