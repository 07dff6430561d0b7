"""Where the calls of a threaded function go."""

from functools import partial
from typing import Final

from windlass.decorators.destinations import Destination, destination_of
from windlass.decorators.settings import Settings
from windlass.pools.base import BasePool
from windlass.pools.hidden_thread_pool import HiddenThreadPool
from windlass.pools.thread_pool import ThreadPool
from windlass.pools.thread_worker import ThreadWorker

# Most threads that all plain threaded functions have together. A call beyond it waits for one of them, and a call that
# waits for another call on one of these threads runs that one itself: so nested calls cannot use them up.
MAX_THREADS: Final = 512
IDLE_TIMEOUT: Final = 10.0  # seconds that a thread stays without work

shared_pool: Final = HiddenThreadPool(MAX_THREADS, thread_name_prefix="windlass-threaded", idle_timeout=IDLE_TIMEOUT)


def thread_destination_of(settings: Settings, name: str, pool_type: type[ThreadPool]) -> Destination:
    """Return where the calls of the function ``name`` go. The rest as of :func:`destination_of`."""
    hidden_pool = partial(_hidden_pool, settings, name)
    return destination_of(settings, pool_type, BasePool, "a pool", ThreadWorker, hidden_pool)


def _hidden_pool(settings: Settings, name: str) -> HiddenThreadPool:
    options = settings.worker_options
    if not (settings.daemon or options):
        return shared_pool
    prefix = str(options.get("name", name))
    daemon = bool(options.get("daemon", settings.daemon))
    most, idle_timeout = (1, None) if settings.daemon else (MAX_THREADS, IDLE_TIMEOUT)
    return HiddenThreadPool(most, thread_name_prefix=prefix, idle_timeout=idle_timeout, daemon=daemon)
