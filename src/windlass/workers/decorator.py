"""The decorator ``background_worker``: a function becomes a worker."""

import functools
from collections.abc import Callable
from typing import Any, overload

from windlass.workers.base import BaseWorker
from windlass.workers.event_worker import BackgroundEventWorker
from windlass.workers.loop_worker import BackgroundWorker
from windlass.workers.queue_worker import BackgroundQueueWorker

QUEUE = ("q", "queue", "queue_class")
EVENT = ("e", "event")


@overload
def background_worker(fn: Callable[..., Any], /, **parameters: Any) -> Any: ...
@overload
def background_worker(**parameters: Any) -> Callable[[Callable[..., Any]], Any]: ...
def background_worker(fn: Callable[..., Any] | None = None, /, **parameters: Any) -> Any:
    """Make a background worker of a function: ``@background_worker`` or ``@background_worker(interval=0.1)``.

    The name then stands for the worker: ``name.start()``, ``name.stop()``. Of a method, each object has a worker of
    its own, made when it is first asked for: ``obj.name.start()``.

    Args:
        fn: The function.
        **parameters: Those of the worker. Any of ``q=True``, ``queue`` and ``queue_class`` makes it a
            :class:`BackgroundQueueWorker`, ``e=True`` or ``event`` a :class:`BackgroundEventWorker`; otherwise it is a
            :class:`BackgroundWorker`.

    Returns:
        The worker, or without ``fn`` the decorator.

    Raises:
        TypeError, ValueError: A parameter is unknown to this kind of worker, or is not of the kind described there.
    """
    if fn is None:
        return functools.partial(background_worker, **parameters)
    if not callable(fn):
        raise TypeError(f"background_worker takes a function and keyword arguments, not {type(fn).__name__}")
    kinds = [
        kind
        for kind, names in ((BackgroundQueueWorker, QUEUE), (BackgroundEventWorker, EVENT))
        if _any(parameters, names)
    ]
    if len(kinds) == 2:
        raise ValueError("a worker has a queue or an event, not both")
    kind: type[BaseWorker] = kinds[0] if kinds else BackgroundWorker
    others = {name for name in (*QUEUE, *EVENT) if name not in kind.parameter_names()}
    return DECORATED[kind](func=fn, **{name: value for name, value in parameters.items() if name not in others})


def _any(parameters: dict[str, Any], names: tuple[str, ...]) -> bool:
    return any(parameters.get(name) not in (None, False) for name in names)


class _Decorated(BaseWorker):
    """A worker made of a function. In the body of a class, it stands for one worker for each object."""

    def __init__(self, *, func: Callable[..., Any], **parameters: Any) -> None:
        super().__init__(func=func, **parameters)
        self._made_with = parameters
        self._attribute: str | None = None
        functools.update_wrapper(self, func)  # type: ignore[arg-type]

    def __set_name__(self, owner: type, name: str) -> None:
        self._attribute = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None or self._attribute is None:
            return self
        func = self.__wrapped__.__get__(instance, owner)  # type: ignore[attr-defined]
        # Found there from now on, before this method: it is no data descriptor. setdefault is atomic.
        return instance.__dict__.setdefault(self._attribute, type(self)(func=func, **self._made_with))


# Each kind as a class whose workers are also descriptors. It goes by the name of the kind.
DECORATED: dict[type[BaseWorker], Callable[..., Any]] = {
    kind: type(kind.__name__, (_Decorated, kind), {"__module__": kind.__module__, "__doc__": kind.__doc__})
    for kind in (BackgroundWorker, BackgroundQueueWorker, BackgroundEventWorker)
}
