"""A function as tasks of a process pool call it: below its decorator, and to its end if it is ``async``."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from windlass.decorators.coroutine import run_to_end_here
from windlass.processes.references import find, resolve
from windlass.workers.coroutines import is_coroutine_function


class RemoteFunction:
    """What a processed function sends to a worker in its place.

    It pickles as the name of the function and how many decorators to take off there, or by value if it has no name.
    In the worker it is the function itself.

    Args:
        function: What stands below the decorator.

    Attributes:
        function: The same.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        update_wrapper(self, function)
        self.function = function
        self._is_async = is_coroutine_function(function)
        self._call = _runnable(function, self._is_async)
        self._reduced: tuple[Any, ...] | None = None  # found at a call: while it is decorated it has no name yet

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function here."""
        return self._call(*args, **kwargs)

    def __repr__(self) -> str:
        return repr(self.function)

    def __reduce__(self) -> tuple[Any, ...]:
        if self._reduced is not None:
            return self._reduced
        reference = find(self.function)
        if reference is None:
            return _runnable, (self.function, self._is_async)
        reduced = _by_name, (*reference, self._is_async)
        if reference[2] > 0:  # else the name may still be given to the processed function
            self._reduced = reduced
        return reduced


def _runnable(function: Callable[..., Any], is_async: bool) -> Callable[..., Any]:
    return run_to_end_here(function, wants_task=False) if is_async else function


# In a worker: what it has found so far.
_found: dict[tuple[str, str, int, bool], Callable[..., Any]] = {}


def _by_name(module: str, name: str, taken_off: int, is_async: bool) -> Callable[..., Any]:
    key = module, name, taken_off, is_async
    function = _found.get(key)
    if function is None:
        function = _found[key] = _runnable(resolve(module, name, taken_off), is_async)
    return function
