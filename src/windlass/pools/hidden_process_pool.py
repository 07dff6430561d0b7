"""A process pool behind something else, such as a decorator: in no registry, so that nobody joins it by accident."""

from windlass.pools import registry
from windlass.pools.process_pool import ProcessPool


class HiddenProcessPool(ProcessPool):
    """As :class:`windlass.ProcessPool`, but nobody finds it by its name."""

    def _introduce(self, name: str, timeout: float | None) -> None:
        self.name = name or self._crew.prefix
        self._timeout = timeout
        registry.register_crew(self._crew)
