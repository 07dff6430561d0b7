"""ThreadPoolExecutor, as ``concurrent.futures.thread`` has it."""

import itertools
import math
import numbers
import sys
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import thread as standard_thread
from typing import TYPE_CHECKING, Any, TypeVar

from windlass._core.task_queue import PriorityTaskQueue
from windlass.dropin.arguments import check_initializer, default_workers
from windlass.dropin.futures._base import LOGGER, Future
from windlass.dropin.futures.executor import CrewExecutor
from windlass.dropin.futures.inside import IdleCount, WorkQueue, bound_as
from windlass.dropin.futures.mapping import map_calls
from windlass.pools import registry
from windlass.pools.crew import PoolWorker, ThreadCrew

T = TypeVar("T")

BrokenThreadPool = standard_thread.BrokenThreadPool

# Which queue each worker thread serves. Scripts clear the standard one to be left alone at exit; here nobody needs it.
_threads_queues: "weakref.WeakKeyDictionary[threading.Thread, WorkQueue]" = weakref.WeakKeyDictionary()

# What the standard module runs at exit; here it finishes every pool of windlass.
_python_exit = registry.finish_all


class _ExecutorCrew(ThreadCrew):
    """The threads of one executor."""

    def note_failure(self, error: BaseException) -> BrokenThreadPool:
        LOGGER.critical("Exception in initializer:", exc_info=error)
        return BrokenThreadPool("A thread initializer failed, the thread pool is not usable anymore")

    def start_worker(self, place: Any = None) -> PoolWorker:
        worker = super().start_worker(place)
        _threads_queues[worker] = WorkQueue(self)
        return worker


class ThreadPoolExecutor(CrewExecutor, standard_thread.ThreadPoolExecutor):  # type: ignore[misc]  # _broken is computed
    """Calls functions in threads of its own; :class:`concurrent.futures.ThreadPoolExecutor` with a compiled core.

    It is a subclass of the standard class for those who ask by type, and uses none of its state.

    Args:
        max_workers: Most threads at a time; None for the CPUs of this process and 4 more, 32 at most.
        thread_name_prefix: Of the threads' names.
        initializer: Called with ``initargs`` on each thread before its first call. If it raises, the executor is
            broken: what was submitted and later submits get BrokenThreadPool.
        initargs: Its arguments.

    Raises:
        TypeError, ValueError: An argument is not of the kind described.

    Thread safety:
        Safe on shared objects.
    """

    _counter = itertools.count().__next__

    if TYPE_CHECKING:

        def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]: ...  # noqa: D102

    def __init__(
        self,
        max_workers: int | None = None,
        thread_name_prefix: str = "",
        initializer: Callable[..., object] | None = None,
        initargs: tuple[Any, ...] = (),
    ) -> None:
        if max_workers is None:
            max_workers = min(32, default_workers() + 4)
        check_initializer(initializer)
        prefix = thread_name_prefix or f"ThreadPoolExecutor-{self._counter()}"
        store = PriorityTaskQueue()
        store.refuse_puts()
        # Threads stay until the executor goes: an idle one costs nothing and is the next to be used.
        crew = _ExecutorCrew(store, _thread_limit(max_workers), 0, None, False, prefix, initializer, initargs)
        self._begin(crew, Future)
        self._max_workers_given = max_workers
        self._is_shut = False

    # ---- submitting ----

    def map(
        self,
        fn: Callable[..., T],
        *iterables: Iterable[Any],
        timeout: float | None = None,
        chunksize: int = 1,
        buffersize: int | None = None,
    ) -> Iterator[T]:
        """Call ``fn`` with one item of each iterable at a time; give the results in order.

        All calls are submitted at once, even if nobody asks for a result, unless ``buffersize`` says otherwise.

        Args:
            fn: A callable that takes as many arguments as there are iterables.
            iterables: The shortest one decides how many calls there are.
            timeout: Longest wait for all results, in seconds from now; None for no limit.
            chunksize: Accepted for the sake of executors of processes.
            buffersize: Most results that wait to be taken; the iterables are read as they are. None for no limit.

        Returns:
            An iterator. If a call raises, or the time is over, or ``close()`` is called, the rest is cancelled.

        Raises:
            TimeoutError: From ``next``, if a result was not there in time.
            TypeError, ValueError: An argument is not of the kind described.
        """
        return map_calls(self, fn, iterables, timeout, buffersize)

    def _start_worker(self, place: Any = None) -> PoolWorker:
        return self._crew.start_worker(place)  # type: ignore[no-any-return]

    # ---- the end ----

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls. Those accepted are still made, unless cancelled here.

        Args:
            wait: Whether to wait until they have ended, and the threads too.
            cancel_futures: Cancel the calls that have not started.

        Raises:
            RuntimeError: ``wait`` in a worker of this executor, which would wait for itself.
        """
        self._is_shut = True
        self._crew.close()
        if cancel_futures:
            self._crew.drain()
        self._crew.finish()
        if wait:
            if self._crew.is_inside():
                raise RuntimeError("cannot join current thread")
            self._crew.join_workers(None)

    # ---- what code written for the standard class reads ----

    @property
    def _max_workers(self) -> int:
        return self._max_workers_given

    @_max_workers.setter
    def _max_workers(self, max_workers: int) -> None:
        self._crew.max_workers = _thread_limit(max_workers)
        self._max_workers_given = max_workers
        self._crew.retire(0)
        while not self._crew.closing and self._crew.reserve():  # those who wait may not come to submit again
            self._start_worker()

    @property
    def _threads(self) -> set[threading.Thread]:  # type: ignore[override]
        return set(self._crew.threads)

    @property  # type: ignore[override]
    def _work_queue(self) -> WorkQueue:
        return WorkQueue(self._crew)

    @_work_queue.setter
    def _work_queue(self, other: Any) -> None:
        bound_as(self._crew, other)

    @property
    def _idle_semaphore(self) -> IdleCount:  # type: ignore[override]
        return IdleCount(self._crew)

    @property
    def _shutdown(self) -> bool:
        return bool(self._is_shut or (self._crew.closing and self._crew.broken is None))

    @_shutdown.setter
    def _shutdown(self, is_shut: bool) -> None:
        # So begins a shutdown() of somebody's own, which then empties the queue or joins the threads.
        if is_shut:
            self._is_shut = True
            self._crew.close()
            self._crew.finish()
        elif self._shutdown:
            raise ValueError("_shutdown cannot be set to False again: the threads may have gone")

    @property
    def _thread_name_prefix(self) -> str:
        return str(self._crew.prefix)

    @_thread_name_prefix.setter
    def _thread_name_prefix(self, prefix: str) -> None:
        self._crew.prefix = prefix

    @property  # type: ignore[override]
    def _initializer(self) -> Callable[..., object] | None:
        return self._crew.initializer  # type: ignore[no-any-return]

    @_initializer.setter
    def _initializer(self, initializer: Callable[..., object] | None) -> None:
        self._crew.initializer = initializer

    @property
    def _initargs(self) -> tuple[Any, ...]:
        return self._crew.initargs  # type: ignore[no-any-return]

    @_initargs.setter
    def _initargs(self, initargs: tuple[Any, ...]) -> None:
        self._crew.initargs = initargs


def _thread_limit(max_workers: Any) -> int:
    """Return the most threads that ``max_workers`` allows, which may be a float as in the standard class."""
    if not isinstance(max_workers, numbers.Real):
        raise TypeError(f"max_workers must be a number, not {type(max_workers).__name__}")
    if math.isnan(max_workers):
        raise ValueError("max_workers must be a number, not NaN")
    if max_workers <= 0:
        raise ValueError("max_workers must be greater than 0")
    return math.ceil(min(float(max_workers), float(sys.maxsize // 2)))
