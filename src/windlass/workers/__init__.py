"""Background workers: threads of their own that run one function again and again."""

from windlass.workers.decorator import background_worker as background_worker
from windlass.workers.error_policy import Restart as Restart
from windlass.workers.event_worker import BackgroundEventWorker as BackgroundEventWorker
from windlass.workers.loop_worker import BackgroundWorker as BackgroundWorker
from windlass.workers.queue_worker import BackgroundQueueWorker as BackgroundQueueWorker
