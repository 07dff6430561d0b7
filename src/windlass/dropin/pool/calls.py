"""The calls of a pool, its end and its private names: what pools of threads and of processes have in common."""

import multiprocessing.pool as standard
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, Self, TypeVar

from windlass._core.apply_result import ApplyResult
from windlass._core.imap_iterator import IMapIterator, IMapUnorderedIterator
from windlass._core.map_result import MapResult
from windlass.dropin.arguments import check_buffersize, check_initializer, default_workers
from windlass.dropin.pool.engine import Engine
from windlass.dropin.pool.standard_names import NoCalls, PendingResults, WaitingCalls

A = TypeVar("A")
T = TypeVar("T")

# What the standard library's stubs do not know.
_standard: Any = standard
CLOSE, INIT, RUN, TERMINATE = standard.CLOSE, standard.INIT, standard.RUN, standard.TERMINATE
mapstar, starmapstar = _standard.mapstar, _standard.starmapstar

NO_KEYWORDS: Mapping[str, Any] = {}


class PoolCalls(standard.Pool):
    """A pool: an instance of the standard class by name, with none of its state. The calls go to an engine."""

    _state: str = INIT
    _engine: Engine

    @property
    def _pool(self) -> list[Any]:
        raise NotImplementedError

    def _begin(self, engine: Engine) -> None:
        self._engine = engine
        try:
            engine.fill()
        except BaseException:
            engine.terminate()
            raise
        self._state = RUN

    @staticmethod
    def _check(processes: int | None, initializer: Callable[..., object] | None) -> int:
        if processes is None:
            processes = default_workers()
        if processes < 1:
            raise ValueError("Number of processes must be at least 1")
        check_initializer(initializer)
        return processes

    # ---- calls ----

    def _check_running(self) -> None:
        if self._state != RUN:
            raise ValueError("Pool not running")

    def apply(self, func: Callable[..., T], args: Iterable[Any] = (), kwds: Mapping[str, Any] = NO_KEYWORDS) -> T:
        """Return ``func(*args, **kwds)``, called by a worker. Errors as :meth:`apply_async`, or the call's."""
        return self.apply_async(func, args, kwds).get()

    def apply_async(  # type: ignore[override] # its results are ours
        self,
        func: Callable[..., T],
        args: Iterable[Any] = (),
        kwds: Mapping[str, Any] = NO_KEYWORDS,
        callback: Callable[[T], object] | None = None,
        error_callback: Callable[[BaseException], object] | None = None,
    ) -> ApplyResult[T]:
        """Have a worker call ``func(*args, **kwds)``.

        Args:
            func: A callable.
            args: Positional arguments.
            kwds: Keyword arguments.
            callback: Called with the value before the result is ready; by a worker, one callback at a time.
            error_callback: The same with the exception.

        Returns:
            The result to come.

        Raises:
            ValueError: The pool is not running.
            BrokenPool: Its initializer failed.
        """
        if self._state != RUN:
            raise ValueError("Pool not running")
        return self._engine.apply_async(func, args, kwds, callback, error_callback)

    def map(self, func: Callable[[A], T], iterable: Iterable[A], chunksize: int | None = None) -> list[T]:
        """Return the list of ``func(item)`` for each item. Errors as the result of :meth:`map_async`."""
        return self._map_async(func, iterable, mapstar, chunksize).get()

    def starmap(
        self, func: Callable[..., T], iterable: Iterable[Iterable[Any]], chunksize: int | None = None
    ) -> list[T]:
        """Return the list of ``func(*item)`` for each item."""
        return self._map_async(func, iterable, starmapstar, chunksize).get()

    def map_async(  # type: ignore[override] # its results are ours
        self,
        func: Callable[[A], T],
        iterable: Iterable[A],
        chunksize: int | None = None,
        callback: Callable[[list[T]], object] | None = None,
        error_callback: Callable[[BaseException], object] | None = None,
    ) -> MapResult[T]:
        """Have workers call ``func(item)`` for each item, ``chunksize`` of them in one go.

        The input is read before this returns. A call that raises ends its chunk; the other chunks are run all the
        same, and the result then has the exception of the chunk that failed first.

        Returns:
            The result to come, the list of values.
        """
        return self._map_async(func, iterable, mapstar, chunksize, callback, error_callback)

    def starmap_async(  # type: ignore[override] # its results are ours
        self,
        func: Callable[..., T],
        iterable: Iterable[Iterable[Any]],
        chunksize: int | None = None,
        callback: Callable[[list[T]], object] | None = None,
        error_callback: Callable[[BaseException], object] | None = None,
    ) -> MapResult[T]:
        """As :meth:`map_async`, with ``func(*item)``."""
        return self._map_async(func, iterable, starmapstar, chunksize, callback, error_callback)

    def _map_async(
        self,
        func: Callable[..., T],
        iterable: Iterable[Any],
        mapper: Callable[..., Any],
        chunksize: int | None = None,
        callback: Callable[[list[T]], object] | None = None,
        error_callback: Callable[[BaseException], object] | None = None,
    ) -> MapResult[T]:
        self._check_running()
        try:
            items = list(iterable)
        except Exception as error:
            if not hasattr(iterable, "__len__"):  # as in the standard library: this one has been read by the caller
                raise
            return self._engine.failed_map(error, error_callback)
        if chunksize is None:
            chunksize = -(-len(items) // (self._processes * 4))
        return self._engine.map_async(func, items, chunksize, mapper is starmapstar, callback, error_callback)

    def imap(  # type: ignore[override] # its iterators are ours
        self, func: Callable[[A], T], iterable: Iterable[A], chunksize: int = 1, buffersize: int | None = None
    ) -> IMapIterator[T]:
        """Call ``func(item)`` for each item while the input is still being read.

        Args:
            func: A callable.
            iterable: May be slow or endless: a thread of its own reads it.
            chunksize: Calls made by one task. If one of them or the input raises, their values are lost.
            buffersize: Most tasks whose values have not been given out; None for no limit.

        Returns:
            An iterator over the values in the order of the input.

        Raises:
            ValueError: A size is less than 1, or the pool is not running.
            TypeError: ``buffersize`` is not an int.
        """
        return self._imap(IMapIterator, func, iterable, chunksize, buffersize)

    def imap_unordered(  # type: ignore[override] # its iterators are ours
        self, func: Callable[[A], T], iterable: Iterable[A], chunksize: int = 1, buffersize: int | None = None
    ) -> IMapIterator[T]:
        """As :meth:`imap`, with the values as they come."""
        return self._imap(IMapUnorderedIterator, func, iterable, chunksize, buffersize)

    def _imap(
        self,
        kind: type[IMapIterator[T]],
        func: Callable[[A], T],
        iterable: Iterable[A],
        chunksize: int,
        buffersize: int | None,
    ) -> IMapIterator[T]:
        self._check_running()
        if chunksize < 1:
            raise ValueError(f"Chunksize must be 1+, not {chunksize!r}")
        check_buffersize(buffersize)
        iterator = kind(self._engine, func, buffersize or 0)
        self._engine.feed(iterator, iterable, chunksize, buffersize is not None)
        return iterator

    # ---- the end ----

    def close(self) -> None:
        """Take no more calls; make those that wait. Does not wait."""
        if self._state == RUN:
            self._state = CLOSE
            self._engine.close()

    def terminate(self) -> None:
        """Take no more calls; those that wait fail with PoolTerminated. Does not wait.

        What runs goes on in a thread; in a process it is ended and fails with PoolTerminated too.
        """
        self._state = TERMINATE
        self._engine.terminate()

    def join(self) -> None:
        """Wait for the workers to end.

        Raises:
            ValueError: The pool is still running.
            RuntimeError: Called by one of its own threads.
        """
        if self._state == RUN:
            raise ValueError("Pool is still running")
        self._engine.join()

    def __enter__(self) -> Self:
        self._check_running()
        return self

    def __exit__(self, *error: object) -> None:
        self.terminate()

    def __del__(self, _warn: Callable[..., None] = warnings.warn, RUN: str = RUN) -> None:
        if self._state == RUN:
            _warn(f"unclosed running multiprocessing pool {self!r}", ResourceWarning, source=self)
            self._engine.close()

    def __reduce__(self) -> NoReturn:
        raise NotImplementedError("pool objects cannot be passed between processes or pickled")

    def __repr__(self) -> str:
        kind = type(self)
        return f"<{kind.__module__}.{kind.__qualname__} state={self._state} pool_size={len(self._pool)}>"

    # ---- names of the standard class that real code reads ----

    @property
    def _processes(self) -> int:
        return int(self._engine._crew.max_workers)

    @_processes.setter
    def _processes(self, processes: int) -> None:
        self._engine.resize(processes)

    def _repopulate_pool(self) -> None:
        self._engine.fill()

    @property
    def _cache(self) -> PendingResults:
        return PendingResults(self._engine)

    @property
    def _taskqueue(self) -> WaitingCalls:
        return WaitingCalls(self._engine)

    _inqueue = _taskqueue

    @property
    def _outqueue(self) -> NoCalls:
        return NoCalls()  # a result goes straight to its owner
