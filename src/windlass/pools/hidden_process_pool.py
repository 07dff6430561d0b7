"""A process pool behind something else, such as a decorator."""

from windlass.pools.hidden_pool import HiddenPool
from windlass.pools.process_pool import ProcessPool


class HiddenProcessPool(HiddenPool, ProcessPool):
    """As :class:`windlass.ProcessPool`, but nobody finds it by its name."""
