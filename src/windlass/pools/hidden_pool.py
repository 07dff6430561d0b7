"""What makes a pool one behind something else, such as a decorator."""

from windlass.pools import registry
from windlass.pools.crew_pool import CrewPool


class HiddenPool(CrewPool):
    """Stands above the class of a pool: it is in no registry of pools, so that nobody joins it by accident."""

    def _introduce(self, name: str, timeout: float | None) -> None:
        self.name = name or self._crew.prefix
        self._timeout = timeout
        registry.register_crew(self._crew)
