from typing import Any

from typing_extensions import disjoint_base

from windlass._core.task import CoreTask

@disjoint_base
class CoreFuture(CoreTask):
    semaphore: None
    _state: str
    _result: Any
    _exception: BaseException | None
