"""Pools: who runs tasks."""

from typing import TYPE_CHECKING

from windlass.public_names import exports_of

if TYPE_CHECKING:
    from windlass.pools.pool_statistics import PoolStatistics as PoolStatistics
    from windlass.pools.process_pool import ProcessPool as ProcessPool
    from windlass.pools.process_worker import ProcessWorker as ProcessWorker
    from windlass.pools.thread_pool import ThreadPool as ThreadPool
    from windlass.pools.thread_worker import ThreadWorker as ThreadWorker
else:
    __getattr__, __dir__ = exports_of(__name__)
