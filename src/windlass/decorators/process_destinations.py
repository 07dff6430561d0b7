"""Where the calls of a processed function go."""

from functools import partial
from typing import Any, Final

from windlass.decorators.destinations import Destination, destination_of
from windlass.decorators.settings import Settings
from windlass.pools.hidden_process_pool import HiddenProcessPool
from windlass.pools.process_pool import ProcessPool
from windlass.pools.process_worker import ProcessWorker

# Of all plain processed functions. It has as many workers as there are CPUs, and none before the first call.
shared_pool: Final = HiddenProcessPool(process_name_prefix="windlass-processed")


def process_destination_of(settings: Settings, name: str, pool_type: type[ProcessPool]) -> Destination:
    """Return where the calls of the function ``name`` go. The rest as of :func:`destination_of`."""
    hidden_pool = partial(_hidden_pool, settings, name)
    return destination_of(settings, pool_type, ProcessPool, "a ProcessPool", ProcessWorker, hidden_pool)


def _hidden_pool(settings: Settings, name: str) -> HiddenProcessPool:
    if not (settings.daemon or settings.worker_options):
        return shared_pool
    options: dict[str, Any] = {"name": name, "daemon": bool(settings.daemon), **settings.worker_options}
    prefix = str(options.pop("name"))
    if settings.daemon:
        return HiddenProcessPool(1, process_name_prefix=prefix, idle_timeout=None, **options)
    return HiddenProcessPool(process_name_prefix=prefix, **options)
