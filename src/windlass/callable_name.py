"""What to call a callable in results and logs."""

from collections.abc import Callable
from typing import Any


def callable_name(function: Callable[..., Any]) -> str:
    """Return the ``__name__`` of a function; for a partial that of what it calls, for another object its class's."""
    while not hasattr(function, "__name__") and callable(getattr(function, "func", None)):
        function = function.func  # type: ignore[attr-defined]
    return str(getattr(function, "__name__", None) or type(function).__name__)


def module_name(function: Callable[..., Any]) -> str:
    """Return the name of the module that a callable comes from; for a partial that of what it calls."""
    while not hasattr(function, "__name__") and callable(getattr(function, "func", None)):
        function = function.func  # type: ignore[attr-defined]
    return str(getattr(function, "__module__", None) or type(function).__module__)
