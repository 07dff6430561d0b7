from typing_extensions import disjoint_base

from windlass._core.parker import Parker
from windlass._core.watcher import Latch

HAVE_BELLS: bool

@disjoint_base
class Bell(Parker):
    def watch(self, data: int, end: int) -> None: ...
    def unwatch(self) -> None: ...
    def close(self) -> None: ...

@disjoint_base
class Ear(Latch): ...
