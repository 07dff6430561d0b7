from windlass._core.limit import Limit as Limit
from windlass._core.task_queue import PriorityTaskQueue as PriorityTaskQueue
from windlass._version import __version__ as __version__
from windlass.decorators.limiter import Limiter as Limiter
from windlass.decorators.processed import Processed as Processed
from windlass.decorators.threaded import Threaded as Threaded
from windlass.errors import BrokenPool as BrokenPool
from windlass.errors import NoWorkers as NoWorkers
from windlass.errors import PoisonTask as PoisonTask
from windlass.errors import PoolClosed as PoolClosed
from windlass.errors import PoolFull as PoolFull
from windlass.errors import QueueClosed as QueueClosed
from windlass.errors import QueueEmpty as QueueEmpty
from windlass.errors import QueueFull as QueueFull
from windlass.errors import RemoteError as RemoteError
from windlass.errors import RemoteTraceback as RemoteTraceback
from windlass.errors import TaskCancelled as TaskCancelled
from windlass.errors import TaskTimeout as TaskTimeout
from windlass.errors import TransferError as TransferError
from windlass.errors import WaitTimeout as WaitTimeout
from windlass.errors import WindlassError as WindlassError
from windlass.errors import WorkerDied as WorkerDied
from windlass.errors import WorkerInitError as WorkerInitError
from windlass.functions import FunctionCollection as FunctionCollection
from windlass.jobs.dock_master import DockMaster as DockMaster
from windlass.jobs.job import Job as Job
from windlass.master.master import Master as Master
from windlass.master.master_statistics import MasterStatistics as MasterStatistics
from windlass.master.worker import Worker as Worker
from windlass.monitors.progress import ProgressMonitor as ProgressMonitor
from windlass.monitors.task_monitor import TaskMonitor as TaskMonitor
from windlass.monitors.workload import WorkloadCounter as WorkloadCounter
from windlass.monitors.workload import WorkloadMaxCounter as WorkloadMaxCounter
from windlass.multi_processor import MultiProcessor as MultiProcessor
from windlass.multi_processor import Result as Result
from windlass.pools.pool_statistics import PoolStatistics as PoolStatistics
from windlass.pools.process_pool import ProcessPool as ProcessPool
from windlass.pools.process_worker import ProcessWorker as ProcessWorker
from windlass.pools.thread_pool import ThreadPool as ThreadPool
from windlass.pools.thread_worker import ThreadWorker as ThreadWorker
from windlass.priority import Priority as Priority
from windlass.processes.child import worker_state as worker_state
from windlass.realtime import RealtimeGrant as RealtimeGrant
from windlass.realtime import realtime_thread as realtime_thread
from windlass.task import ALL_COMPLETED as ALL_COMPLETED
from windlass.task import FIRST_COMPLETED as FIRST_COMPLETED
from windlass.task import FIRST_EXCEPTION as FIRST_EXCEPTION
from windlass.task import Task as Task
from windlass.task import as_completed as as_completed
from windlass.task import current_task as current_task
from windlass.task import wait as wait
from windlass.ticker import Tick as Tick
from windlass.ticker import Ticker as Ticker
from windlass.ticker_statistics import Distribution as Distribution
from windlass.ticker_statistics import TickerStatistics as TickerStatistics
from windlass.workers.background_tasks import BackgroundTask as BackgroundTask
from windlass.workers.background_tasks import background_task as background_task
from windlass.workers.background_tasks import limit_background_tasks as limit_background_tasks
from windlass.workers.decorator import background_worker as background_worker
from windlass.workers.error_policy import Restart as Restart
from windlass.workers.event_worker import BackgroundEventWorker as BackgroundEventWorker
from windlass.workers.loop_worker import BackgroundWorker as BackgroundWorker
from windlass.workers.queue_worker import BackgroundQueueWorker as BackgroundQueueWorker
from windlass.workers.worker_statistics import LateTick as LateTick
from windlass.workers.worker_statistics import WorkerStatistics as WorkerStatistics

__all__ = [
    "ALL_COMPLETED",
    "FIRST_COMPLETED",
    "FIRST_EXCEPTION",
    "BackgroundEventWorker",
    "BackgroundQueueWorker",
    "BackgroundTask",
    "BackgroundWorker",
    "BrokenPool",
    "Distribution",
    "DockMaster",
    "FunctionCollection",
    "Job",
    "LateTick",
    "Limit",
    "Limiter",
    "Master",
    "MasterStatistics",
    "MultiProcessor",
    "NoWorkers",
    "PoisonTask",
    "PoolClosed",
    "PoolFull",
    "PoolStatistics",
    "Priority",
    "PriorityTaskQueue",
    "ProcessPool",
    "ProcessWorker",
    "Processed",
    "ProgressMonitor",
    "QueueClosed",
    "QueueEmpty",
    "QueueFull",
    "RealtimeGrant",
    "RemoteError",
    "RemoteTraceback",
    "Restart",
    "Result",
    "Task",
    "TaskCancelled",
    "TaskMonitor",
    "TaskTimeout",
    "ThreadPool",
    "ThreadWorker",
    "Threaded",
    "Tick",
    "Ticker",
    "TickerStatistics",
    "TransferError",
    "WaitTimeout",
    "WindlassError",
    "Worker",
    "WorkerDied",
    "WorkerInitError",
    "WorkerStatistics",
    "WorkloadCounter",
    "WorkloadMaxCounter",
    "__version__",
    "as_completed",
    "background_task",
    "background_worker",
    "current_task",
    "limit_background_tasks",
    "realtime_thread",
    "wait",
    "worker_state",
]
