from collections.abc import Callable
from typing import Any

from windlass._core.limit import Limit

def lift_calls_of(wrapper: Callable[..., Any], limit: Limit, inner: Callable[..., Any]) -> None: ...
