"""Background workers: threads of their own that run one function again and again."""

from typing import TYPE_CHECKING

from windlass.public_names import exports_of

if TYPE_CHECKING:
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
else:
    __getattr__, __dir__ = exports_of(__name__)
