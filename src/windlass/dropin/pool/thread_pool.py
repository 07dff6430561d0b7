"""ThreadPool: the interface of :class:`multiprocessing.pool.ThreadPool` on windlass's engine."""

import multiprocessing
import multiprocessing.pool as standard
import os
import warnings
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from windlass._core.apply_result import ApplyResult
from windlass._core.imap_iterator import IMapIterator, IMapUnorderedIterator
from windlass._core.map_result import MapResult
from windlass.dropin.pool.engine import Engine

CLOSE, INIT, RUN, TERMINATE = standard.CLOSE, standard.INIT, standard.RUN, standard.TERMINATE

# Reading these runs nobody's code and never waits: so few of their items are read by the caller, without a thread.
_AT_HAND = (list, tuple, range, set, frozenset, dict, str, bytes, bytearray)
_FEW_CHUNKS = 1_000


class ThreadPool(standard.ThreadPool):
    """A pool of threads: an instance of the standard class by name, with none of its state.

    Args:
        processes: How many threads; None for the CPUs of this process.
        initializer: Called with ``initargs`` on each thread before its first call. If it raises, the pool is broken:
            pending and later calls get BrokenPool.
        initargs: Its arguments.

    Raises:
        ValueError: ``processes`` is less than 1.
        TypeError: ``initializer`` is not callable.

    Thread safety:
        Safe on shared objects.
    """

    _state: str = INIT
    _engine: Engine
    _wrap_exception = False
    _maxtasksperchild = None

    def __init__(
        self,
        processes: int | None = None,
        initializer: Callable[..., object] | None = None,
        initargs: Iterable[Any] = (),
    ) -> None:
        if processes is None:
            processes = _default_processes()
        if processes < 1:
            raise ValueError("Number of processes must be at least 1")
        if initializer is not None and not callable(initializer):
            raise TypeError("initializer must be a callable")
        self._initializer = initializer
        self._initargs = initargs
        self._engine = Engine(processes, initializer, initargs)
        self._apply_async = self._engine.apply_async
        try:
            self._engine.fill()
        except BaseException:
            self._engine.terminate()
            raise
        self._state = RUN

    # ---- calls ----

    def _check_running(self) -> None:
        if self._state != RUN:
            raise ValueError("Pool not running")

    def apply(self, func, args=(), kwds={}):
        """Return ``func(*args, **kwds)``, called by a worker."""
        return self.apply_async(func, args, kwds).get()

    def apply_async(self, func, args=(), kwds={}, callback=None, error_callback=None):
        """Have a worker call ``func(*args, **kwds)``; return its result to come.

        Args:
            func: A callable.
            args: Positional arguments.
            kwds: Keyword arguments.
            callback: Called with the value, by a worker, before the result is ready.
            error_callback: The same with the exception.

        Raises:
            ValueError: The pool is not running.
            BrokenPool: Its initializer failed.
        """
        if self._state != RUN:
            raise ValueError("Pool not running")
        return self._apply_async(func, args, kwds, callback, error_callback)

    def map(self, func, iterable, chunksize=None):
        """Return the list of ``func(item)`` for each item. Errors as the result of :meth:`map_async`."""
        return self._map_async(func, iterable, standard.mapstar, chunksize).get()

    def starmap(self, func, iterable, chunksize=None):
        """Return the list of ``func(*item)`` for each item."""
        return self._map_async(func, iterable, standard.starmapstar, chunksize).get()

    def map_async(self, func, iterable, chunksize=None, callback=None, error_callback=None):
        """Have workers call ``func(item)`` for each item; return the result to come, the list of values.

        The input is read before this returns. All calls are made even if one raises.
        """
        return self._map_async(func, iterable, standard.mapstar, chunksize, callback, error_callback)

    def starmap_async(self, func, iterable, chunksize=None, callback=None, error_callback=None):
        """As :meth:`map_async`, with ``func(*item)``."""
        return self._map_async(func, iterable, standard.starmapstar, chunksize, callback, error_callback)

    def _map_async(self, func, iterable, mapper, chunksize=None, callback=None, error_callback=None):
        self._check_running()
        sized = hasattr(iterable, "__len__")
        try:
            items = list(iterable)
        except Exception as error:
            if not sized:
                raise
            return self._engine.failed_map(error)
        if chunksize is None:
            chunksize = max(1, -(-len(items) // (self._processes * 4)))
        return self._engine.map_async(
            func, items, chunksize, mapper is standard.starmapstar, callback, error_callback
        )

    def imap(self, func, iterable, chunksize=1, buffersize=None):
        """Return an iterator over ``func(item)`` for each item, while the input is still being read.

        Args:
            func: A callable.
            iterable: May be slow or endless; a thread of its own reads it.
            chunksize: Calls made by one task.
            buffersize: Most chunks read whose values have not been given out; None for no limit.

        Raises:
            ValueError: A size is less than 1, or the pool is not running.
        """
        return self._imap(IMapIterator, func, iterable, chunksize, buffersize)

    def imap_unordered(self, func, iterable, chunksize=1, buffersize=None):
        """As :meth:`imap`, with the values as they come."""
        return self._imap(IMapUnorderedIterator, func, iterable, chunksize, buffersize)

    def _imap(self, kind, func, iterable, chunksize, buffersize):
        self._check_running()
        if chunksize < 1:
            raise ValueError(f"Chunksize must be 1+, not {chunksize!r}")
        if buffersize is not None:
            if not isinstance(buffersize, int):
                raise TypeError("buffersize must be an integer or None")
            if buffersize < 1:
                raise ValueError("buffersize must be None or > 0")
        iterator = kind(self._engine, func, buffersize or 0)
        if buffersize is None and type(iterable) in _AT_HAND and len(iterable) <= _FEW_CHUNKS * chunksize:
            items = list(iterable)
            for at in range(0, len(items), chunksize):
                iterator._add(items[at : at + chunksize])
            iterator._close()
        else:
            self._engine.feed(iterator, iterable, chunksize, buffersize is not None)
        return iterator

    # ---- the end ----

    def close(self) -> None:
        """Take no more calls; make those that wait. Does not wait."""
        if self._state == RUN:
            self._state = CLOSE
            self._engine.close()

    def terminate(self) -> None:
        """Take no more calls; those that wait fail with PoolTerminated, those that run go on. Does not wait."""
        self._state = TERMINATE
        self._engine.terminate()

    def join(self) -> None:
        """Wait for the threads to end.

        Raises:
            ValueError: The pool is still running.
            RuntimeError: Called by one of its threads.
        """
        if self._state == RUN:
            raise ValueError("Pool is still running")
        self._engine.join()

    def __enter__(self):
        self._check_running()
        return self

    def __exit__(self, *error: object) -> None:
        self.terminate()

    def __del__(self, _warn=warnings.warn, RUN=RUN) -> None:
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
    def _pool(self):
        return self._engine.workers

    @property
    def _processes(self):
        return self._engine._crew.max_workers

    @_processes.setter
    def _processes(self, processes):
        self._engine.resize(processes)

    def _repopulate_pool(self) -> None:
        self._engine.fill()

    @property
    def _ctx(self):
        return multiprocessing.get_context()


def _default_processes() -> int:
    count = getattr(os, "process_cpu_count", os.cpu_count)
    return count() or 1


ThreadPool.__module__ = "windlass.dropin.pool"
