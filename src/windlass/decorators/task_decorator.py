"""What ``Threaded`` and ``Processed`` share: a decorator of functions whose calls are to return tasks."""

from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar, overload

from windlass.decorators.wrapping import decorate
from windlass.task import Task

P = ParamSpec("P")
T = TypeVar("T")


class TaskDecorator:
    """What ``Threaded(...)`` and ``Processed(...)`` with arguments return, as a type checker sees it.

    Args:
        name: Of the decorator.
        wrap: Returns the decorated function.
    """

    def __init__(self, name: str, wrap: Callable[[Callable[..., Any]], Any]) -> None:
        self._name = name
        self._wrap = wrap

    @overload
    def __call__(self, function: Callable[P, Coroutine[Any, Any, T]], /) -> Callable[P, Task[T]]: ...
    @overload
    def __call__(self, function: Callable[P, T], /) -> Callable[P, Task[T]]: ...
    def __call__(self, function: Any, /) -> Any:
        """Return the decorated function."""
        return decorate(self._name, function, self._wrap)


def decorate_now_or_later(name: str, function: Any, wrap: Callable[[Callable[..., Any]], Any]) -> Any:
    """Return the decorated ``function``; or if it is None, the decorator."""
    decorator = TaskDecorator(name, wrap)
    return decorator if function is None else decorator(function)
