"""What the decorators share: what they can wrap, and how they know each other's functions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from windlass._core.limit import Limit

# Where a decorated function keeps its mark. functools.wraps copies it to other wrappers, hence Mark.wrapper.
_ATTRIBUTE = "_windlass_mark"


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """What a decorator has made of a function.

    Attributes:
        wrapper: The decorated function.
        inner: The function below the decorator.
        limit: The limit of its runs; None if there is none.
        returns_task: Whether a call returns a task and does not wait for it.
        passes_limit_on: Whether the limit is given to ``inner`` as ``_task_semaphore``.
        runs_in_place: Says whether a call would now be run by its caller's own thread, within the call that is being
            counted; None for never.
    """

    wrapper: Callable[..., Any]
    inner: Callable[..., Any]
    limit: Limit | None = None
    returns_task: bool = False
    passes_limit_on: bool = False
    runs_in_place: Callable[[], bool] | None = None


def put_mark(mark: Mark) -> None:
    """Mark ``mark.wrapper``."""
    setattr(mark.wrapper, _ATTRIBUTE, mark)


def mark_of(function: object) -> Mark | None:
    """Return the mark of a function that one of the decorators made, and not of one that only wraps such a function."""
    mark = getattr(function, _ATTRIBUTE, None)
    return mark if isinstance(mark, Mark) and mark.wrapper is function else None


def decorate(decorator: str, function: Any, wrap: Callable[[Callable[..., Any]], Any]) -> Any:
    """Return ``wrap(function)``, in the same kind of method if ``function`` is a static or a class method.

    Raises:
        TypeError: ``function`` cannot be decorated.
    """
    if isinstance(function, (staticmethod, classmethod)):
        return type(function)(wrap(function.__func__))
    if isinstance(function, property):
        raise TypeError(f"{decorator} cannot wrap a property; put it below: @property over @{decorator}")
    if not callable(function):
        raise TypeError(f"{decorator} must wrap a callable, not {type(function).__name__}")
    return wrap(function)
