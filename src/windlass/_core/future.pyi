from collections.abc import Callable
from typing import Any

from typing_extensions import disjoint_base

from windlass._core.task import CoreTask

@disjoint_base
class CoreFuture(CoreTask):
    semaphore: None
    _state: str
    @property
    def _done_callbacks(self) -> list[Callable[[Any], object]]: ...
    def _invoke_callbacks(self) -> None: ...
    @property
    def _is_noticed(self) -> bool: ...
    _result: Any
    _exception: BaseException | None
