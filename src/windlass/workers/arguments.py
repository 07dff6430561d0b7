"""Which arguments a worker's function gets: those given to ``start``, and what it takes of the worker's own."""

import inspect
from collections.abc import Callable
from typing import Any

TICK = "tick"


def arguments_for(
    fn: Callable[..., Any],
    args: tuple[Any, ...],
    given: dict[str, Any],
    own: dict[str, Any],
    leading: int,
    *,
    ticks: bool = True,
) -> tuple[dict[str, Any], bool]:
    """Choose the keyword arguments for ``fn``, and check that it can be called with them.

    Args:
        fn: The worker's function.
        args: Positional arguments of ``start``.
        given: Keyword arguments of ``start``; they are all passed.
        own: What the worker adds: each passed if ``fn`` has such a parameter or takes any.
        leading: How many positional arguments come before ``args``.
        ticks: Whether a parameter ``tick`` can be left to be filled.

    Returns:
        The keyword arguments, and whether ``fn`` has a parameter ``tick`` that is left to be filled.

    Raises:
        TypeError: ``fn`` cannot be called so.
    """
    try:
        signature = inspect.signature(fn)
    except (TypeError, ValueError):  # it has none that can be read, as some functions written in C
        return given, False
    parameters = signature.parameters
    named = {
        name
        for name, parameter in parameters.items()
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    }
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    positional = (None,) * leading + args
    try:
        filled = set(signature.bind_partial(*positional).arguments)
    except TypeError:  # too many: the check below says so
        filled = set()
    kwargs = {name: value for name, value in own.items() if takes_any or name in named}
    kwargs = {name: value for name, value in kwargs.items() if name not in filled} | given
    takes_tick = ticks and TICK in named and TICK not in filled and TICK not in given
    try:
        signature.bind(*positional, **kwargs, **({TICK: None} if takes_tick else {}))
    except TypeError as error:
        raise TypeError(f"{getattr(fn, '__qualname__', fn)!s} cannot be called with these arguments: {error}") from None
    return kwargs, takes_tick
