"""Where the calls of a decorated function go."""

import threading
from collections.abc import Callable
from typing import Any, Final

from windlass.decorators.settings import Settings
from windlass.errors import PoolClosed
from windlass.pools.base import BasePool
from windlass.pools.crew_pool import CrewPool
from windlass.pools.lone_worker import LoneWorker
from windlass.pools.registry import is_exiting
from windlass.pools.submitter import Submitter
from windlass.task import Task

CLOSED: Final = ("STOPPING", "STOPPED")  # states of a pool that takes no tasks


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


def destination_of(
    settings: Settings,
    pool_type: type[CrewPool],
    pools: type[BasePool],
    a_pool: str,
    workers: type[LoneWorker],
    hidden_pool: Callable[[], BasePool],
) -> Destination:
    """Return where the calls of a function go.

    Args:
        settings: What its decorator was given.
        pool_type: What pools are made of.
        pools: What a pool must be that was given.
        a_pool: How to call that.
        workers: What a worker must be that was given.
        hidden_pool: Returns the pool to use if neither was given.

    Raises:
        TypeError: ``daemon`` or ``pool`` is of no kind that can be used.
    """
    options = settings.task_options
    if settings.pool is True or settings.pool_name is not None:
        return RenewedDestination(_maker_of(settings, pool_type), options)
    if settings.pool is not None:
        if not isinstance(settings.pool, pools):
            raise TypeError(f"pool must be True or {a_pool}, not {type(settings.pool).__name__}")
        return Destination(settings.pool, options)
    if isinstance(settings.daemon, workers):
        return Destination(settings.daemon._pool, options)
    if settings.daemon not in (True, False):
        raise TypeError(f"daemon must be True or a {workers.__name__}, not {type(settings.daemon).__name__}")
    pool = hidden_pool()
    return Destination(pool, options) if options else PlainDestination(pool)


# Two functions of one pool_name, decorated or called in two threads at once, must find one pool.
_naming = threading.Lock()


def _maker_of(settings: Settings, pool_type: type[CrewPool]) -> Callable[[], CrewPool]:
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
