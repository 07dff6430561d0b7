from typing import Any

from typing_extensions import disjoint_base

from windlass._core.item_store import ItemStore
from windlass._core.tally import Tally
from windlass._core.task import CoreTask

@disjoint_base
class Backlog(Tally):
    @property
    def store(self) -> ItemStore: ...
    @property
    def queued(self) -> int: ...
    def withdraw(self, task: CoreTask) -> bool: ...
    def take_out(self) -> Any: ...
    def drain(self, error: BaseException | None = None) -> list[Any]: ...
