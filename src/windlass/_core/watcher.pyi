from collections.abc import Callable
from typing import Any

from typing_extensions import disjoint_base

from windlass._core.parker import Parker

@disjoint_base
class Watcher(Parker):
    help: Callable[[int], bool] | None

class Latch(Watcher): ...

@disjoint_base
class CompletionStream(Watcher):
    def __init__(self) -> None: ...
    def put(self, task: Any) -> None: ...
    def take(self, timeout: float | None = None, wanted: int = 1) -> list[Any]: ...
