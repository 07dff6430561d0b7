# Returns are Any where they are tasks: the class of the tasks is known only above. See pools/base.py.
from collections.abc import Callable
from typing import Any

from typing_extensions import disjoint_base

from windlass._core.crew import Crew
from windlass._core.task import CoreTask
from windlass._core.task_options import TaskOptions

@disjoint_base
class Dispatcher:
    @property
    def _crew(self) -> Any: ...
    def _engage(self, crew: Crew, task_type: type[CoreTask], rejection: str) -> None: ...
    def _unfinished(self) -> list[Any]: ...
    def _submit_task(self, task: CoreTask, timeout: float | None, nowait: bool, autospawn: bool) -> Any: ...
    def _submit_tasks(self, tasks: list[Any], priority: int | float, chunksize: int) -> list[Any]: ...
    def _make_task(
        self,
        fn: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any] | None,
        priority: int | float,
        options: TaskOptions | None,
        inject_task: bool | None,
        context: Any,
    ) -> Any: ...
