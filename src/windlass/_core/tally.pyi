from typing_extensions import disjoint_base

from windlass._core.runner import Home

@disjoint_base
class Tally(Home):
    @property
    def running(self) -> int: ...
