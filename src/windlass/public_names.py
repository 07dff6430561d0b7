"""Where each public name is.

A module is imported when the first of its names is asked for: a worker process starts in a third of the time if it
needs to import no more than it runs.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

# windlass/__init__.pyi says the same to type checkers, and so do the packages below for theirs.
HOME_OF = {
    "Limit": "windlass._core.limit",
    "PriorityTaskQueue": "windlass._core.task_queue",
    "Limiter": "windlass.decorators.limiter",
    "Processed": "windlass.decorators.processed",
    "Threaded": "windlass.decorators.threaded",
    "BrokenPool": "windlass.errors",
    "NoWorkers": "windlass.errors",
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
    "WorkerInitError": "windlass.errors",
    "FunctionCollection": "windlass.functions",
    "DockMaster": "windlass.jobs.dock_master",
    "Job": "windlass.jobs.job",
    "Master": "windlass.master.master",
    "MasterStatistics": "windlass.master.master_statistics",
    "Worker": "windlass.master.worker",
    "ProgressMonitor": "windlass.monitors.progress",
    "TaskMonitor": "windlass.monitors.task_monitor",
    "WorkloadCounter": "windlass.monitors.workload",
    "WorkloadMaxCounter": "windlass.monitors.workload",
    "MultiProcessor": "windlass.multi_processor",
    "Result": "windlass.multi_processor",
    "PoolStatistics": "windlass.pools.pool_statistics",
    "ProcessPool": "windlass.pools.process_pool",
    "ProcessWorker": "windlass.pools.process_worker",
    "ThreadPool": "windlass.pools.thread_pool",
    "ThreadWorker": "windlass.pools.thread_worker",
    "Priority": "windlass.priority",
    "worker_state": "windlass.processes.child",
    "RealtimeGrant": "windlass.realtime",
    "realtime_thread": "windlass.realtime",
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
    "BackgroundTask": "windlass.workers.background_tasks",
    "background_task": "windlass.workers.background_tasks",
    "limit_background_tasks": "windlass.workers.background_tasks",
    "background_worker": "windlass.workers.decorator",
    "Restart": "windlass.workers.error_policy",
    "BackgroundEventWorker": "windlass.workers.event_worker",
    "BackgroundWorker": "windlass.workers.loop_worker",
    "BackgroundQueueWorker": "windlass.workers.queue_worker",
    "LateTick": "windlass.workers.worker_statistics",
    "WorkerStatistics": "windlass.workers.worker_statistics",
}


def exports_of(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return what a package needs to have the public names that are below it.

    Args:
        package: Its full name.

    Returns:
        Its ``__getattr__`` and its ``__dir__``.
    """
    homes = {name: home for name, home in HOME_OF.items() if home.startswith(package + ".")}
    module = sys.modules[package]

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(homes[name]), name)
        setattr(module, name, value)
        return value

    def names() -> list[str]:
        return sorted({*vars(module), *homes})

    return get, names
