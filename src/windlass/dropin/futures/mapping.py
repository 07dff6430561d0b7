"""map(), which the executors of threads and of processes have in common."""

import itertools
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from windlass._core.executor import CoreExecutor
from windlass._core.map_results import MapResults
from windlass.dropin.arguments import check_buffersize
from windlass.dropin.futures._base import Future

# From 3.16 on, an exception of one call no longer ends the iterator of map().
MAP_SURVIVES_ERRORS = sys.version_info >= (3, 16)


def map_calls(
    executor: Any,
    fn: Callable[..., Any],
    iterables: tuple[Iterable[Any], ...],
    timeout: float | None,
    buffersize: int | None,
) -> MapResults:
    """Submit ``fn`` with one item of each iterable at a time, all or only ``buffersize`` ahead; return the results."""
    check_buffersize(buffersize)
    results = MapResults(timeout, MAP_SURVIVES_ERRORS)  # the limit counts from here
    calls = zip(*iterables)  # noqa: B905 - as the standard one
    first = calls if buffersize is None else itertools.islice(calls, buffersize)
    if _overrides_submit(executor):
        futures = [executor.submit(fn, *args) for args in first]
    else:
        futures = executor._submit_each(fn, first)
    more = None if buffersize is None else partial(_submit_next, weakref.ref(executor), fn, calls)
    return results.begin(futures, more)


def _overrides_submit(executor: Any) -> bool:
    """Return whether map() must go through a ``submit`` of the user's: of a subclass, or put on class or object."""
    return type(executor).submit is not CoreExecutor.submit or "submit" in vars(executor)


def _submit_next(
    executor: "weakref.ref[Any]", fn: Callable[..., Any], calls: Iterator[tuple[Any, ...]]
) -> Future[Any] | None:
    # The iterator of a map must not keep the executor from being dropped.
    target = executor()
    if target is None:
        return None
    for args in calls:
        submitted: Future[Any] = target.submit(fn, *args)
        return submitted
    return None
