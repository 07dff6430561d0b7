# How the package is laid out, from the bottom up; a module imports only from lower levels or its own folder.
#
#   errors.py priority.py callable_name.py _version.py                            0
#   _core/           the compiled hot path: clock, parker, levels, task_queue,
#                    task, worker_loop, dispatcher; README.md explains it         1
#   future.py        the standard library's view of a task                        2
#   waiting.py       waiting for several tasks                                    2
#   task.py          Task, as_completed, wait, current_task                       2
#   ticker.py        Ticker; ticker_statistics.py: how punctual it was            2
#   realtime.py      scheduling class and processors of a loop's thread           2
#   processes/       worker processes: the parent's side, the child's, messages    2
#   pools/           who runs tasks: thread_pool, process_pool, crews, registry   3
#   workers/         who makes work again and again: loop, queue, event worker    4
#   functions.py     FunctionCollection                                           4
#   jobs/            DockMaster, Job                                              4
#   decorators/      Threaded, Limiter                                            5
#   dropin/          other libraries' names on this engine                        6
#   cli.py           windlass demo | jitter | doctor                              7
"""Thread and process pools, tasks, priority queues and realtime loops on a compiled core."""

from importlib import import_module
from typing import Any

from windlass._version import __version__ as __version__

# Where each public name is. A module is imported when the first of its names is asked for: a worker process starts in
# a third of the time if it needs to import no more than it runs. __init__.pyi says the same to type checkers.
_HOME_OF = {
    "Limit": "windlass._core.limit",
    "PriorityTaskQueue": "windlass._core.task_queue",
    "Limiter": "windlass.decorators.limiter",
    "Threaded": "windlass.decorators.threaded",
    "BrokenPool": "windlass.errors",
    "PoisonTask": "windlass.errors",
    "PoolClosed": "windlass.errors",
    "PoolFull": "windlass.errors",
    "QueueClosed": "windlass.errors",
    "QueueEmpty": "windlass.errors",
    "QueueFull": "windlass.errors",
    "RemoteError": "windlass.errors",
    "RemoteTraceback": "windlass.errors",
    "TaskCancelled": "windlass.errors",
    "TaskTimeout": "windlass.errors",
    "TransferError": "windlass.errors",
    "WaitTimeout": "windlass.errors",
    "WindlassError": "windlass.errors",
    "WorkerDied": "windlass.errors",
    "FunctionCollection": "windlass.functions",
    "DockMaster": "windlass.jobs.dock_master",
    "Job": "windlass.jobs.job",
    "PoolStatistics": "windlass.pools.pool_statistics",
    "ProcessPool": "windlass.pools.process_pool",
    "ThreadPool": "windlass.pools.thread_pool",
    "ThreadWorker": "windlass.pools.thread_worker",
    "Priority": "windlass.priority",
    "RealtimeGrant": "windlass.realtime",
    "realtime_thread": "windlass.realtime",
    "worker_state": "windlass.processes.child",
    "ALL_COMPLETED": "windlass.task",
    "FIRST_COMPLETED": "windlass.task",
    "FIRST_EXCEPTION": "windlass.task",
    "Task": "windlass.task",
    "as_completed": "windlass.task",
    "current_task": "windlass.task",
    "wait": "windlass.task",
    "Tick": "windlass.ticker",
    "Ticker": "windlass.ticker",
    "Distribution": "windlass.ticker_statistics",
    "TickerStatistics": "windlass.ticker_statistics",
    "BackgroundTask": "windlass.workers.background_task",
    "background_task": "windlass.workers.background_task",
    "limit_background_tasks": "windlass.workers.background_task",
    "background_worker": "windlass.workers.decorator",
    "Restart": "windlass.workers.error_policy",
    "BackgroundEventWorker": "windlass.workers.event_worker",
    "BackgroundWorker": "windlass.workers.loop_worker",
    "BackgroundQueueWorker": "windlass.workers.queue_worker",
    "LateTick": "windlass.workers.worker_statistics",
    "WorkerStatistics": "windlass.workers.worker_statistics",
}

__all__ = ["__version__", *_HOME_OF]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is not None:
        value = globals()[name] = getattr(import_module(home), name)
        return value
    if not name.startswith("__"):
        try:
            return import_module(f"windlass.{name}")  # as if all had been imported: windlass.errors
        except ModuleNotFoundError as error:
            if error.name != f"windlass.{name}":
                raise
    raise AttributeError(f"module 'windlass' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME_OF})
