from collections.abc import Callable
from typing import Any

from typing_extensions import disjoint_base

from windlass._core.observed import Observed
from windlass._core.task_options import TaskOptions

@disjoint_base
class CallRecord(Observed):
    @property
    def priority(self) -> int | float: ...
    @property
    def worker(self) -> Any: ...
    @property
    def fn(self) -> Callable[..., Any] | None: ...
    @property
    def args(self) -> tuple[Any, ...] | None: ...
    @property
    def kwargs(self) -> dict[str, Any] | None: ...
    @property
    def wait_time(self) -> float | None: ...
    @property
    def run_time(self) -> float | None: ...
    @property
    def _inject_task(self) -> bool | None: ...
    _options: TaskOptions | None
