"""Where the calls of a threaded function go."""

import threading
from collections.abc import Callable
from typing import Any, Final

from windlass.decorators.settings import Settings
from windlass.errors import PoolClosed
from windlass.pools.base import BasePool
from windlass.pools.crew_pool import CrewPool
from windlass.pools.hidden_thread_pool import HiddenThreadPool
from windlass.pools.registry import is_exiting
from windlass.pools.submitter import Submitter
from windlass.pools.thread_pool import ThreadPool
from windlass.pools.thread_worker import ThreadWorker
from windlass.task import Task

# Most threads that all plain threaded functions have together. A call beyond it waits for one of them, and a call that
# waits for another call on one of these threads runs that one itself: so nested calls cannot use them up.
MAX_THREADS: Final = 512
IDLE_TIMEOUT: Final = 10.0  # seconds that a thread stays without work
CLOSED: Final = ("STOPPING", "STOPPED")  # states of a pool that takes no tasks

shared_pool: Final = HiddenThreadPool(MAX_THREADS, thread_name_prefix="windlass-threaded", idle_timeout=IDLE_TIMEOUT)


class Destination:
    """A pool, and the options of the tasks.

    Args:
        pool: The pool.
        task_options: Of every task, see :class:`windlass.pools.submitter.Submitter`.
    """

    def __init__(self, pool: Any, task_options: dict[str, Any]) -> None:
        self.pool = pool
        self._task_options = task_options
        self._submitter = Submitter(pool, **task_options)

    def submit(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Task[Any]:
        """Have ``function`` called."""
        return self._submitter.submit(function, *args, **kwargs)

    def submit_with(
        self, options: dict[str, Any], function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Task[Any]:
        """Have ``function`` called, with more options of the task."""
        merged = {**self._task_options, **options}
        return Submitter(self.pool, **merged).submit(function, *args, **kwargs)


class PlainDestination(Destination):
    """A hidden pool, where tasks have no options: as fast as a submit."""

    def __init__(self, pool: BasePool) -> None:
        super().__init__(pool, {})
        self.submit: Any = pool.submit_call  # the compiled method itself: no frame between


class RenewedDestination(Destination):
    """A pool made for the function: if it has been shut down, the next call makes it anew, as the older library did.

    Args:
        make_pool: Returns the pool to use now.
        task_options: Of every task.
    """

    def __init__(self, make_pool: Callable[[], CrewPool], task_options: dict[str, Any]) -> None:
        super().__init__(make_pool(), task_options)
        self._make_pool = make_pool
        self._renewing = threading.Lock()

    def submit(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Task[Any]:
        """Have ``function`` called."""
        try:
            return super().submit(function, args, kwargs)
        except PoolClosed:
            self._renew()
            return super().submit(function, args, kwargs)

    def submit_with(
        self, options: dict[str, Any], function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Task[Any]:
        """Have ``function`` called, with more options of the task."""
        try:
            return super().submit_with(options, function, args, kwargs)
        except PoolClosed:
            self._renew()
            return super().submit_with(options, function, args, kwargs)

    def _renew(self) -> None:
        # Not in one go with the submit above: whoever shuts the new pool down in between means it.
        with self._renewing:
            if self.pool.state in CLOSED and not is_exiting():
                self.pool = self._make_pool()
                self._submitter = Submitter(self.pool, **self._task_options)


# Two functions of one pool_name, decorated or called in two threads at once, must find one pool.
_naming = threading.Lock()


def destination_of(settings: Settings, name: str, pool_type: type[ThreadPool]) -> Destination:
    """Return where the calls of a function go.

    Args:
        settings: What its decorator was given.
        name: Of the function, for the threads.
        pool_type: What pools are made of.

    Raises:
        TypeError: ``daemon`` or ``pool`` is of no kind that can be used.
    """
    options = settings.task_options
    if settings.pool is True or settings.pool_name is not None:
        return RenewedDestination(maker_of(settings, pool_type), options)
    if settings.pool is not None:
        if not isinstance(settings.pool, BasePool):
            raise TypeError(f"pool must be True or a pool, not {type(settings.pool).__name__}")
        return Destination(settings.pool, options)
    if isinstance(settings.daemon, ThreadWorker):
        return Destination(settings.daemon._pool, options)
    if settings.daemon not in (True, False):
        raise TypeError(f"daemon must be True or a ThreadWorker, not {type(settings.daemon).__name__}")
    pool = shared_pool
    worker_options = settings.worker_options
    if settings.daemon or worker_options:
        daemon = bool(worker_options.get("daemon", settings.daemon))
        prefix = str(worker_options.get("name", name))
        most, idle_timeout = (1, None) if settings.daemon else (MAX_THREADS, IDLE_TIMEOUT)
        pool = HiddenThreadPool(most, thread_name_prefix=prefix, idle_timeout=idle_timeout, daemon=daemon)
    return Destination(pool, options) if options else PlainDestination(pool)


def maker_of(settings: Settings, pool_type: type[CrewPool]) -> Callable[[], CrewPool]:
    """Return a function that makes the pool of a decorated function, or finds it by its name."""
    name = settings.pool_name

    def make_pool() -> CrewPool:
        with _naming:
            found = pool_type.get_pools(name) if name is not None else []
            for pool in found:
                if pool.state not in CLOSED:
                    return pool
            options = settings.pool_options if name is None else {"name": name, **settings.pool_options}
            return pool_type(**options)

    return make_pool
