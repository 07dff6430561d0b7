# Returns are Any where they are futures: their class is known only above. See dropin/futures/thread.py.
from collections.abc import Callable, Iterable
from typing import Any

from windlass._core.dispatcher import Dispatcher
from windlass.priority import DEFAULT_PRIORITY as DEFAULT_PRIORITY

class CoreExecutor(Dispatcher):
    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any: ...
    def _submit_each(self, fn: Callable[..., Any], arguments: Iterable[tuple[Any, ...]]) -> list[Any]: ...
