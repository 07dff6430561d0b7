# Returns are Any where they are tasks: the class of the tasks is known only above. See pools/base.py.
from collections.abc import Callable, Iterable
from typing import Any

from windlass._core.dispatcher import Dispatcher
from windlass.priority import DEFAULT_PRIORITY as DEFAULT_PRIORITY

class PoolDispatcher(Dispatcher):
    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any: ...
    def submit_call(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any: ...
    def map(
        self,
        fn: Callable[..., Any],
        pairs: Iterable[Any],
        chunksize: int = 0,
        *,
        priority: int | float = 10,
    ) -> list[Any]: ...
    def submit_many(
        self, fn: Callable[[Any], Any], iterable: Iterable[Any], *, priority: int | float = 10
    ) -> list[Any]: ...
