"""What a pool becomes when a monitor is attached to it.

Its class changes to one whose submits tell the monitor. A pool that nobody watches knows nothing of this and pays
nothing for it.
"""

import threading
import weakref
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import count
from time import monotonic
from typing import Any

from windlass._core.chunk_stream import run_chunk
from windlass._core.task_options import TaskOptions
from windlass.errors import TaskCancelled
from windlass.monitors.task_monitor import TaskMonitor
from windlass.monitors.watch import Watch
from windlass.priority import DEFAULT_PRIORITY
from windlass.task import Task

# The keyword arguments of submit() that are not the call's.
PLACING = {"submit_task_priority", "submit_task_timeout", "submit_task_nowait", "submit_task_autospawn"}


class PoolWatch:
    """Who watches a pool, and the numbers of its tasks and workers.

    Thread safety:
        Safe on shared objects.
    """

    def __init__(self, monitors: tuple[TaskMonitor, ...]) -> None:
        self._watch = Watch(monitors)
        self._ids = count(1)
        self._lock = threading.Lock()  # guards the two below
        self._workers: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._begun: dict[int, tuple[int, float]] = {}  # worker and time, by the task's number

    def add(self, monitors: tuple[TaskMonitor, ...]) -> None:
        """Have more monitors told."""
        self._watch = Watch((*self._watch.monitors, *monitors))

    def prepare(self, task: Task[Any]) -> Task[Any]:
        """Have the monitors told of a task, now and at its start and end."""
        task_id = next(self._ids)
        options = task._options
        if options is None:
            task._options = options = TaskOptions()
        options.on_start = partial(self._start, task_id)
        fn = task.fn
        self._watch.tell("on_task_added", task_id, task.args[0] if fn is run_chunk else fn)  # type: ignore[index]
        task.add_done_callback(partial(self._end, task_id))
        return task

    def _start(self, task_id: int, task: Task[Any]) -> None:
        worker = task.worker or threading.current_thread()
        with self._lock:
            number = self._workers.get(worker)
            is_new = number is None
            if number is None:
                self._workers[worker] = number = len(self._workers)
            before = self._begun.get(task_id)
            self._begun[task_id] = number, monotonic()
        if is_new:
            self._watch.tell("on_worker_added", number)
        if before is not None:  # taken back from a worker that had not begun it, or that died of it
            self._watch.tell("on_task_returned", before[0], task_id)
        self._watch.tell("on_task_attached_to_worker", number, task_id)

    def _end(self, task_id: int, task: Task[Any]) -> None:
        now = monotonic()
        with self._lock:
            number, started = self._begun.pop(task_id, (None, now))
        if number is not None:
            self._watch.tell("on_result_retrieved_from_worker", number, task_id)
        error = TaskCancelled("the task was cancelled") if task.cancelled() else task.exception()
        run_time = task.run_time
        if number is not None and run_time is not None:
            started = max(started, now - run_time)
        self._watch.tell("on_task_ended", task_id, number, started, now, error)


class Watched:
    """The submits of a watched pool; before the pool's own class."""

    _pool_watch: PoolWatch

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        """As the pool's."""
        if isinstance(fn, Task):
            if args or not kwargs.keys() <= PLACING:
                raise TypeError("a Task has its arguments already; submit it without any")
            return super().submit(self._pool_watch.prepare(fn), **kwargs)  # type: ignore[misc]
        priority = kwargs.pop("submit_task_priority", None)
        timeout = kwargs.pop("submit_task_timeout", None)
        nowait = kwargs.pop("submit_task_nowait", None)
        autospawn = kwargs.pop("submit_task_autospawn", None)
        task = self._make_task(fn, args, kwargs or None, DEFAULT_PRIORITY if priority is None else priority)
        return self._submit_task(task, timeout, bool(nowait), autospawn is None or bool(autospawn))

    def submit_call(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """As the pool's."""
        return self._submit_task(self._make_task(fn, args, kwargs or None, DEFAULT_PRIORITY), None, False, True)

    def map(
        self,
        fn: Callable[..., Any],
        pairs: Iterable[tuple[Iterable[Any], Mapping[str, Any] | None]],
        chunksize: int = 0,
        *,
        priority: int | float = DEFAULT_PRIORITY,
    ) -> Any:
        """As the pool's."""
        return self.options(priority=priority).map(fn, pairs, chunksize)  # type: ignore[attr-defined]

    def submit_many(
        self, fn: Callable[[Any], Any], iterable: Iterable[Any], *, priority: int | float = DEFAULT_PRIORITY
    ) -> Any:
        """As the pool's."""
        return self.options(priority=priority).submit_many(fn, iterable)  # type: ignore[attr-defined]

    def _make_task(
        self,
        fn: Any,
        args: Any,
        kwargs: Any,
        priority: Any,
        options: TaskOptions | None = None,
        inject_task: bool | None = None,
        context: Any = None,
    ) -> Any:
        make = super()._make_task  # type: ignore[misc]
        return self._pool_watch.prepare(make(fn, args, kwargs, priority, options, inject_task, context))

    def _submit_task(self, task: Task[Any], timeout: float | None, nowait: bool, autospawn: bool) -> Any:
        try:
            return super()._submit_task(task, timeout, nowait, autospawn)  # type: ignore[misc]
        except BaseException:
            task.cancel()  # its end is told, as its coming was
            raise


def watch_pool(pool: Any, monitors: tuple[TaskMonitor, ...]) -> None:
    """Have monitors told of what a pool does from now on."""
    if isinstance(pool, Watched):
        pool._pool_watch.add(monitors)
        return
    pool._pool_watch = PoolWatch(monitors)
    kind = type(pool)
    pool.__class__ = type(kind.__name__, (Watched, kind), {"__module__": kind.__module__, "__doc__": kind.__doc__})
