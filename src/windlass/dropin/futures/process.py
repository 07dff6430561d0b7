"""ProcessPoolExecutor, as ``concurrent.futures.process`` has it."""

import itertools
import multiprocessing
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import process as standard_process
from concurrent.futures.process import BrokenProcessPool as BrokenProcessPool
from multiprocessing.context import BaseContext
from typing import TYPE_CHECKING, Any, TypeVar

from windlass._core.map_results import MapResults
from windlass._core.task_queue import PriorityTaskQueue
from windlass.dropin.arguments import check_initializer, default_workers
from windlass.dropin.futures.executor import CrewExecutor
from windlass.dropin.futures.initializing import initialize
from windlass.dropin.futures.inside import CallQueue, PendingItems
from windlass.dropin.futures.mapping import map_calls
from windlass.dropin.futures.process_crew import ExecutorCrew, ExecutorManager
from windlass.dropin.futures.process_future import Future
from windlass.dropin.visible_crew import WorkerProcess
from windlass.pools import registry
from windlass.pools.crew import PoolWorker
from windlass.pools.process_plan import ON_CRASH, ProcessPlan
from windlass.processes.relay import root_level
from windlass.processes.settings import WorkerSettings
from windlass.processes.start import check_method

T = TypeVar("T")

# What the standard library's stubs do not know.
_standard: Any = standard_process
_RemoteTraceback = _standard._RemoteTraceback
_process_chunk = _standard._process_chunk
EXTRA_QUEUED_CALLS = _standard.EXTRA_QUEUED_CALLS

# What the standard module runs at exit; here it finishes every pool of windlass.
_python_exit = registry.finish_all

MAX_WORKERS_ON_WINDOWS = 61
MAX_CRASHES = 3  # with on_crash="retry": so many workers may a call take down


class ProcessPoolExecutor(CrewExecutor, standard_process.ProcessPoolExecutor):  # type: ignore[misc]  # _broken is computed
    """Calls functions in processes of its own; :class:`concurrent.futures.ProcessPoolExecutor` on windlass's engine.

    It is a subclass of the standard class for those who ask by type, and uses none of its state.

    Args:
        max_workers: Most processes at a time; None for the CPUs of this process.
        mp_context: Says how processes are started; None for multiprocessing's default, or spawn with
            ``max_tasks_per_child``. Under fork all are started by the first submit, else each when it is needed.
        initializer: Called with ``initargs`` in each process before its first call. If it raises, the executor is
            broken: what was submitted and later submits get BrokenProcessPool.
        initargs: Its arguments.
        max_tasks_per_child: After so many calls a process is replaced; None for never.
        on_crash: What the death of a process does: ``"break"`` the executor, as the standard class does; ``"fail"``
            the call that it was at, which gets :class:`windlass.WorkerDied`; or ``"retry"`` that call elsewhere.

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
        mp_context: BaseContext | None = None,
        initializer: Callable[..., object] | None = None,
        initargs: tuple[Any, ...] = (),
        *,
        max_tasks_per_child: int | None = None,
        on_crash: str = "break",
    ) -> None:
        if max_workers is None:
            max_workers = default_workers()
            if sys.platform == "win32":
                max_workers = min(MAX_WORKERS_ON_WINDOWS, max_workers)
        if max_workers <= 0:
            raise ValueError("max_workers must be greater than 0")
        if sys.platform == "win32" and max_workers > MAX_WORKERS_ON_WINDOWS:
            raise ValueError(f"max_workers must be <= {MAX_WORKERS_ON_WINDOWS}")
        if on_crash not in ON_CRASH:
            raise ValueError(f"on_crash must be one of {', '.join(ON_CRASH)}, not {on_crash!r}")
        if mp_context is None:
            mp_context = multiprocessing.get_context("spawn" if max_tasks_per_child is not None else None)
        check_initializer(initializer)
        method = check_method(mp_context.get_start_method())
        _check_max_tasks(max_tasks_per_child, method)
        plan = ProcessPlan(
            method,
            _settings(initializer, tuple(initargs)),
            None,
            None,
            max_tasks_per_child or 0,
            0,
            on_crash,
            MAX_CRASHES,
        )
        store = PriorityTaskQueue()
        store.refuse_puts()
        # Processes stay until the executor goes, as in the standard class.
        crew = ExecutorCrew(plan, store, max_workers, 0, None, False, f"ProcessPoolExecutor-{self._counter()}")
        self._begin(crew, Future)
        self._initializer: Any = initializer
        self._initargs = tuple(initargs)
        self._mp_context = mp_context
        self._max_tasks_per_child = max_tasks_per_child
        self._safe_to_dynamically_spawn_children = method != "fork"
        self._shutdown_thread = False

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

        Args:
            fn: A callable that takes as many arguments as there are iterables.
            iterables: The shortest one decides how many calls there are.
            timeout: Longest wait for all results, in seconds from now; None for no limit.
            chunksize: Calls that are sent to a process together, and whose results come back together.
            buffersize: Most chunks whose results wait to be taken; the iterables are read as they are. None for no
                limit.

        Returns:
            An iterator. If a call raises, or the time is over, or ``close()`` is called, the rest is cancelled.

        Raises:
            TimeoutError: From ``next``, if a result was not there in time.
            TypeError, ValueError: An argument is not of the kind described.
        """
        if chunksize < 1:
            raise ValueError("chunksize must be >= 1.")
        if chunksize == 1:
            return map_calls(self, fn, iterables, timeout, buffersize)
        calls = zip(*iterables)  # noqa: B905 - as the standard one
        chunks = iter(lambda: tuple(itertools.islice(calls, chunksize)), ())
        return _each_of(map_calls(self, _process_chunk, (itertools.repeat(fn), chunks), timeout, buffersize))

    def _start_worker(self, place: Any = None) -> PoolWorker:
        crew: ExecutorCrew = self._crew
        crew.start_manager()
        worker = crew.start_worker(place)
        if crew.plan.method == "fork":
            # All at once, here: they are to see the program as it is now, before it starts threads of its own.
            while not crew.closing and crew.reserve(True):
                crew.start_worker()
            crew.processes()
        return worker

    # ---- the end ----

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls. Those accepted are still made, unless cancelled here.

        Args:
            wait: Whether to wait until they have ended, and the processes too.
            cancel_futures: Cancel the calls that have not been sent to a process.

        Raises:
            RuntimeError: ``wait`` in a callback that one of the executor's own threads runs.
        """
        crew: ExecutorCrew = self._crew
        self._shutdown_thread = True
        crew.close()
        if cancel_futures:
            crew.drain()
        crew.finish()
        if wait:
            if crew.is_inside() or threading.current_thread() is crew.manager:
                raise RuntimeError("cannot join current thread")
            crew.join_workers(None)
            if crew.manager is not None:
                crew.manager.join()

    def terminate_workers(self) -> None:
        """Shut down without waiting, and end the processes by SIGTERM: the calls they are at get BrokenProcessPool.

        So do they with any ``on_crash``.
        """
        for process in self._shut_down_now():
            process.terminate()

    def kill_workers(self) -> None:
        """As :meth:`terminate_workers`, by SIGKILL, which no process can refuse."""
        for process in self._shut_down_now():
            process.kill()

    def _shut_down_now(self) -> list[WorkerProcess]:
        crew: ExecutorCrew = self._crew
        crew.break_at_next_death()
        processes = crew.processes()
        self.shutdown(wait=False, cancel_futures=True)
        return processes

    # ---- what code written for the standard class reads ----

    @property
    def _max_workers(self) -> int:
        return int(self._crew.max_workers)

    @_max_workers.setter
    def _max_workers(self, max_workers: int) -> None:
        self._crew.max_workers = max_workers
        self._crew.retire(0)

    @property
    def _processes(self) -> dict[int, WorkerProcess] | None:  # type: ignore[override]
        if self._shutdown_thread:
            return None
        return {process.pid: process for process in self._crew.processes()}

    @property
    def _executor_manager_thread(self) -> ExecutorManager | None:  # type: ignore[override]
        return None if self._shutdown_thread else self._crew.manager

    @property
    def _pending_work_items(self) -> PendingItems:  # type: ignore[override]
        return PendingItems(self)

    @property
    def _call_queue(self) -> CallQueue:
        return CallQueue(self._crew)

    _work_ids = _call_queue  # type: ignore[assignment]


def _settings(initializer: Callable[..., object] | None, initargs: tuple[Any, ...]) -> WorkerSettings:
    if initializer is None:
        return WorkerSettings(log_level=root_level())
    return WorkerSettings(initialize, (initializer, *initargs), root_level())


def _check_max_tasks(max_tasks: Any, method: str) -> None:
    if max_tasks is None:
        return
    if not isinstance(max_tasks, int):
        raise TypeError("max_tasks_per_child must be an integer")
    if max_tasks <= 0:
        raise ValueError("max_tasks_per_child must be >= 1")
    if method == "fork":
        raise ValueError("max_tasks_per_child needs another start method than fork: give another mp_context")


def _each_of(chunks: MapResults) -> Iterator[Any]:
    """Yield what is in the chunks; keep no reference to what was given out."""
    try:
        for chunk in chunks:
            chunk.reverse()
            while chunk:
                yield chunk.pop()
    finally:
        chunks.close()
