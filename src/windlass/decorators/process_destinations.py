"""Where the calls of a processed function go."""

from typing import Any, Final

from windlass.decorators.destinations import Destination, PlainDestination, RenewedDestination, maker_of
from windlass.decorators.settings import Settings
from windlass.pools.hidden_process_pool import HiddenProcessPool
from windlass.pools.process_pool import ProcessPool
from windlass.pools.process_worker import ProcessWorker

# Of all plain processed functions. It has as many workers as there are CPUs, and none before the first call.
shared_pool: Final = HiddenProcessPool(process_name_prefix="windlass-processed")


def process_destination_of(settings: Settings, name: str, pool_type: type[ProcessPool]) -> Destination:
    """Return where the calls of a function go.

    Args:
        settings: What its decorator was given.
        name: Of the function, for the processes.
        pool_type: What pools are made of.

    Raises:
        TypeError: ``daemon`` or ``pool`` is of no kind that can be used.
    """
    options = settings.task_options
    if settings.pool is True or settings.pool_name is not None:
        return RenewedDestination(maker_of(settings, pool_type), options)
    if settings.pool is not None:
        if not isinstance(settings.pool, ProcessPool):
            raise TypeError(f"pool must be True or a ProcessPool, not {type(settings.pool).__name__}")
        return Destination(settings.pool, options)
    if isinstance(settings.daemon, ProcessWorker):
        return Destination(settings.daemon._pool, options)
    if settings.daemon not in (True, False):
        raise TypeError(f"daemon must be True or a ProcessWorker, not {type(settings.daemon).__name__}")
    pool = _pool_of_its_own(settings, name) if settings.daemon or settings.worker_options else shared_pool
    return Destination(pool, options) if options else PlainDestination(pool)


def _pool_of_its_own(settings: Settings, name: str) -> HiddenProcessPool:
    options: dict[str, Any] = {"name": name, "daemon": bool(settings.daemon), **settings.worker_options}
    prefix = str(options.pop("name"))
    if settings.daemon:
        return HiddenProcessPool(1, process_name_prefix=prefix, idle_timeout=None, **options)
    return HiddenProcessPool(process_name_prefix=prefix, **options)
