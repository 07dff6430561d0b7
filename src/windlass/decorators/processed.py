"""Processed: calls of a function run in worker processes and return tasks."""

import inspect
from collections.abc import Callable, Coroutine
from functools import partial, update_wrapper
from types import MethodType
from typing import Any, ParamSpec, TypeVar, overload

from windlass.callable_name import callable_name
from windlass.decorators.destinations import Destination
from windlass.decorators.process_destinations import process_destination_of
from windlass.decorators.remote_function import RemoteFunction
from windlass.decorators.settings import (
    PROCESS_OPTIONS,
    Settings,
    sort_settings,
    take_task_options,
    task_keywords,
)
from windlass.decorators.task_decorator import TaskDecorator, decorate_now_or_later
from windlass.decorators.wrapping import Mark, mark_of, put_mark
from windlass.pools.process_pool import ProcessPool
from windlass.pools.process_worker import ProcessWorker
from windlass.processes.child import in_worker
from windlass.processes.references import find, resolve
from windlass.processes.start import may_start
from windlass.task import Task

P = ParamSpec("P")
T = TypeVar("T")

# Of the options of a task, those that mean something where its call is run in place.
_IN_PLACE = ("callback_func", "name", "priority", "store_return")


@overload
def Processed(function: Callable[P, Coroutine[Any, Any, T]], /) -> Callable[P, Task[T]]: ...
@overload
def Processed(function: Callable[P, T], /) -> Callable[P, Task[T]]: ...
@overload
def Processed(
    function: None = None,
    /,
    *,
    daemon: bool | ProcessWorker = ...,
    pool: bool | ProcessPool | None = ...,
    pool_name: str | None = ...,
    callback_func: Callable[..., object] | None = ...,
    **options: Any,
) -> TaskDecorator: ...
def Processed(
    function: Any = None,
    /,
    *,
    daemon: bool | ProcessWorker = False,
    pool: bool | ProcessPool | None = None,
    pool_name: str | None = None,
    callback_func: Callable[..., object] | None = None,
    **options: Any,
) -> Any:
    """Have each call of a function run in a worker process, and return its :class:`windlass.Task`.

    Bare, or with arguments. On functions, methods, whose instance is sent along, and ``async`` functions, which run to
    their end in an event loop of the process. Without arguments, all share one process for each CPU of this process;
    none is started before the first call.

    A call within a worker process, as that of a processed function by another one, runs in place: its task has ended
    when the call returns.

    Args:
        function: What to decorate. A worker imports it by its module and name; what has none there is sent by value.
        daemon: True: one process runs the calls, in order, and the interpreter's exit does not wait for them; for all
            instances, if it is a method. Or a :class:`windlass.ProcessWorker`, to run them there.
        pool: True: a :class:`windlass.ProcessPool` is made for the function. Or a pool, to run the calls there.
        pool_name: Run the calls on the process pool of this name; it is made if there is none.
        callback_func: Called in this process with the value of each call that succeeds, before its task has ended.
        options: ``_task_...``: of every task (callback_func, deadline, name, priority, semaphore, store_return,
            task_timeout); a call takes these keywords too. ``_worker_...``: of the processes (name, daemon,
            start_method, initializer, initargs, initializer_timeout, max_tasks_per_worker, max_memory_per_worker).
            ``_pool_...``: of a pool that is made here, as :class:`windlass.ProcessPool` has them.

    Returns:
        An object that is called as the function is and returns a Task; or, without ``function``, a decorator.

    Raises:
        TypeError, ValueError: An argument is not of the kind described.
    """
    settings = sort_settings(daemon, pool, pool_name, callback_func, options, PROCESS_OPTIONS)
    wrap = partial(ProcessedFunction, settings=settings, pool_type=ProcessPool)
    return decorate_now_or_later("Processed", function, wrap)


class ProcessedFunction:
    """A function whose calls run in worker processes. Made by :func:`Processed`.

    Not a function but an object, since it says itself how it pickles: what refers to it and is sent by value, as the
    function itself does that calls itself again, takes it along.

    Args:
        function: What to call.
        settings: How, as the decorator was given it.
        pool_type: What pools are made of.

    Raises:
        TypeError: It cannot be processed.

    Thread safety:
        Safe on shared objects.
    """

    # Not in __dict__, which functools.wraps copies to whatever is put above.
    __slots__ = ("__dict__", "__weakref__", "_destination", "_name", "_of_task", "_pool_type", "_remote", "_settings")

    def __init__(self, function: Callable[..., Any], settings: Settings, pool_type: type[ProcessPool]) -> None:
        target, settings = _below_limit(function, settings)
        update_wrapper(self, function)
        self._settings = settings
        self._pool_type = pool_type
        self._remote = RemoteFunction(target)
        self._name = callable_name(function)
        self._of_task = task_keywords(PROCESS_OPTIONS, function)
        # A process that is being started imports this too, and must not make pools for that.
        self._destination: Destination | None = None
        if may_start() and not in_worker():
            self._destination = self._find_destination()
        limit = settings.task_options.get("semaphore")
        put_mark(Mark(self, function, limit, returns_task=True, runs_in_place=in_worker))

    def __call__(self, /, *args: Any, **kwargs: Any) -> Task[Any]:
        """Have the function called in a worker process; return the task."""
        given = take_task_options(self._of_task, kwargs) if kwargs else {}
        if in_worker():
            return self._run_in_place(given, args, kwargs)
        destination = self._destination
        if destination is None:
            destination = self._destination = self._find_destination()
        if given:
            return destination.submit_with(given, self._remote, args, kwargs)
        return destination.submit(self._remote, args, kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self) -> tuple[Any, ...]:
        reference = find(self)
        if reference is None:  # for a worker, which runs it in place: it needs no settings there
            return Processed, (self._remote.function,)
        return resolve, reference

    def __copy__(self) -> "ProcessedFunction":
        return self  # as of any function

    def __deepcopy__(self, memo: object) -> "ProcessedFunction":
        return self

    def __repr__(self) -> str:
        return f"<processed {self._remote!r}>"

    def _find_destination(self) -> Destination:
        return process_destination_of(self._settings, self._name, self._pool_type)

    def _run_in_place(self, given: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Task[Any]:
        # Not in a pool of this process: a function that calls itself would start processes without end. Limits count
        # what their own process has run, and the caller's slot is not there.
        options = {**self._settings.task_options, **given}
        options = {name: options[name] for name in _IN_PLACE if name in options}
        task: Task[Any] = Task(self._remote, args, kwargs, inject_task=False, **options)
        task._run_here()
        return task


def _below_limit(function: Callable[..., Any], settings: Settings) -> tuple[Callable[..., Any], Settings]:
    # What a worker is to call. A limit below is kept in this process, where the calls of all workers are counted.
    mark = mark_of(function)
    if mark is not None and mark.returns_task:
        raise TypeError("Processed cannot wrap a function whose calls return tasks already")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError("Processed cannot wrap a generator: it runs when it is iterated over, and cannot be sent back")
    if mark is None or mark.limit is None:
        return function, settings
    return mark.inner, settings.with_limit(mark.limit)
