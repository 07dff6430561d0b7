"""Threaded: calls of a function run on threads and return tasks."""

from collections.abc import Callable, Coroutine
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar, overload

from windlass.callable_name import callable_name
from windlass.decorators.coroutine import run_to_end_here
from windlass.decorators.settings import (
    THREAD_OPTIONS,
    Settings,
    parameters_of,
    sort_settings,
    take_task_options,
    task_keywords,
)
from windlass.decorators.task_decorator import TaskDecorator, decorate_now_or_later
from windlass.decorators.thread_destinations import thread_destination_of
from windlass.decorators.wrapping import Mark, mark_of, put_mark
from windlass.pools.base import BasePool
from windlass.pools.thread_pool import ThreadPool
from windlass.pools.thread_worker import ThreadWorker
from windlass.task import Task
from windlass.workers.coroutines import is_coroutine_function

P = ParamSpec("P")
T = TypeVar("T")


@overload
def Threaded(function: Callable[P, Coroutine[Any, Any, T]], /) -> Callable[P, Task[T]]: ...
@overload
def Threaded(function: Callable[P, T], /) -> Callable[P, Task[T]]: ...
@overload
def Threaded(
    function: None = None,
    /,
    *,
    daemon: bool | ThreadWorker = ...,
    pool: bool | BasePool | None = ...,
    pool_name: str | None = ...,
    callback_func: Callable[..., object] | None = ...,
    **options: Any,
) -> TaskDecorator: ...
def Threaded(
    function: Any = None,
    /,
    *,
    daemon: bool | ThreadWorker = False,
    pool: bool | BasePool | None = None,
    pool_name: str | None = None,
    callback_func: Callable[..., object] | None = None,
    **options: Any,
) -> Any:
    """Have each call of a function run on a thread, and return its :class:`windlass.Task`.

    Bare, or with arguments. On functions, methods and ``async`` functions, which run to their end in an event loop of
    their own. Without arguments, calls share up to 512 threads, which stay for 10 s without work: no thread is made
    while one is free.

    Args:
        function: What to decorate.
        daemon: True: one thread runs the calls, in order, and the interpreter's exit does not wait for them; for all
            instances, if it is a method. Or a :class:`windlass.ThreadWorker`, to run them there.
        pool: True: a :class:`windlass.ThreadPool` is made for the function. Or a pool, to run the calls there.
        pool_name: Run the calls on the pool of this name; it is made if there is none.
        callback_func: Called with the value of each call that succeeds, on its thread, before its task has ended.
        options: ``_task_...``: of every task (callback_func, deadline, inject_task, name, priority, semaphore,
            store_return); a call takes these keywords too. ``_worker_...``: of the threads (name, daemon).
            ``_pool_...``: of a pool that is made here, as :class:`windlass.ThreadPool` has them.

    Returns:
        A function of the same parameters that returns a Task; or, without ``function``, a decorator.

    Raises:
        TypeError, ValueError: An argument is not of the kind described.
    """
    settings = sort_settings(daemon, pool, pool_name, callback_func, options, THREAD_OPTIONS)
    return decorate_now_or_later("Threaded", function, partial(wrap, settings=settings, pool_type=ThreadPool))


def wrap(function: Callable[..., Any], settings: Settings, pool_type: type[ThreadPool]) -> Callable[..., Task[Any]]:
    """Return the threaded function.

    Args:
        function: What to call.
        settings: How, as the decorator was given it.
        pool_type: What pools are made of.

    Raises:
        TypeError: It returns tasks already.
    """
    mark = mark_of(function)
    if mark is not None and mark.returns_task:
        raise TypeError("Threaded cannot wrap a function that is threaded already")
    target = function
    limit = None if mark is None else mark.limit
    if mark is not None and limit is not None and (mark.passes_limit_on or is_coroutine_function(function)):
        # Any other limited function is left as it is: a worker that finds it takes its limit over.
        target, settings = mark.inner, settings.with_limit(limit)
    if is_coroutine_function(target):
        target = run_to_end_here(target, "TaskObject" in parameters_of(target))
    destination = thread_destination_of(settings, callable_name(function), pool_type)
    submit = destination.submit
    of_task = task_keywords(THREAD_OPTIONS, function)

    @wraps(function)
    def threaded(*args: Any, **kwargs: Any) -> Task[Any]:
        if kwargs and not of_task.isdisjoint(kwargs):
            return destination.submit_with(take_task_options(of_task, kwargs), target, args, kwargs)
        return submit(target, args, kwargs)

    put_mark(Mark(threaded, function, limit, returns_task=True))
    return threaded
