from collections.abc import Callable
from typing import Any

from typing_extensions import disjoint_base

@disjoint_base
class Gate: ...

@disjoint_base
class TaskOptions:
    callback_func: Callable[[Any], object] | None
    semaphore: Any
    store_return: bool
    name: str | None
    uuid: str | None
    task_timeout: float | None
    on_start: Callable[[Any], object] | None
    deadline: float | None
