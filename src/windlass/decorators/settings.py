"""The keywords of a decorator, sorted by whom they are for."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from windlass._core.limit import Limit

# What a decorator's keywords may end in, by whom they are for. Each ends in what that takes.
TASK_OPTIONS = frozenset({"callback_func", "deadline", "inject_task", "name", "priority", "semaphore", "store_return"})
WORKER_OPTIONS = frozenset({"daemon", "name"})
PROCESS_TASK_OPTIONS = TASK_OPTIONS | {"task_timeout"}
PROCESS_WORKER_OPTIONS = WORKER_OPTIONS | {
    "initargs",
    "initializer",
    "initializer_timeout",
    "max_memory_per_worker",
    "max_tasks_per_worker",
    "start_method",
}


class Options(NamedTuple):
    """What one of the decorators takes.

    Attributes:
        decorator: Its name.
        task: What may come after ``_task_``.
        worker: What may come after ``_worker_``.
    """

    decorator: str
    task: frozenset[str]
    worker: frozenset[str]


THREAD_OPTIONS = Options("Threaded", TASK_OPTIONS, WORKER_OPTIONS)
PROCESS_OPTIONS = Options("Processed", PROCESS_TASK_OPTIONS, PROCESS_WORKER_OPTIONS)

# Accepted for the sake of the older library, where they told its workers how to poll and when to die.
OBSOLETE = frozenset(
    {
        "_task_kill",
        "_task_ignore_queue",
        "_worker_workerAutoKill",
        "_worker_worker_auto_kill",
        "_worker_defaultTimeout",
        "_worker_default_timeout",
        "_worker_log",
        "_pool_log",
    }
)


@dataclass(slots=True)
class Settings:
    """What a decorator was given.

    Attributes:
        daemon: True for a worker of the function's own, or a worker.
        pool: True for a pool of the function's own, or a pool.
        pool_name: The name of a pool.
        task_options: For the tasks.
        worker_options: For the threads.
        pool_options: For a pool that is made here.
    """

    daemon: Any = False
    pool: Any = None
    pool_name: str | None = None
    task_options: dict[str, Any] = field(default_factory=dict)
    worker_options: dict[str, Any] = field(default_factory=dict)
    pool_options: dict[str, Any] = field(default_factory=dict)

    def with_limit(self, limit: Limit) -> "Settings":
        """Return these settings with the limit of the function below, which its tasks are to hold.

        Raises:
            TypeError: They have one already.
        """
        if "semaphore" in self.task_options:
            raise TypeError("a task waits for one limit only, and this function has one: leave _task_semaphore out")
        return replace(self, task_options={**self.task_options, "semaphore": limit})


def sort_settings(
    daemon: Any,
    pool: Any,
    pool_name: str | None,
    callback_func: Callable[..., object] | None,
    others: dict[str, Any],
    known: Options,
) -> Settings:
    """Return the settings that ``others``, keywords with a prefix, and the rest amount to.

    Raises:
        TypeError: A keyword is unknown, or does not go with another one.
    """
    settings = Settings(daemon or False, pool or None, pool_name)
    if callback_func is not None:
        settings.task_options["callback_func"] = callback_func
    for keyword, value in others.items():
        if keyword in OBSOLETE:
            continue
        if keyword.startswith("_task_"):
            settings.task_options[_known(keyword, "_task_", known.task)] = value
        elif keyword.startswith("_worker_"):
            settings.worker_options[_known(keyword, "_worker_", known.worker)] = value
        elif keyword.startswith("_pool_"):
            settings.pool_options[keyword.removeprefix("_pool_")] = value
        else:
            raise TypeError(
                f"{keyword} is no keyword of {known.decorator}; it takes _task_..., _worker_... and _pool_... too"
            )
    _check(settings)
    return settings


def _known(keyword: str, prefix: str, known: frozenset[str]) -> str:
    option = keyword.removeprefix(prefix)
    if option not in known:
        raise TypeError(f"{keyword} must be one of {', '.join(prefix + name for name in sorted(known))}")
    return option


def _check(settings: Settings) -> None:
    to_pool = settings.pool is not None or settings.pool_name is not None
    if settings.pool_name is not None and not isinstance(settings.pool_name, str):
        raise TypeError(f"pool_name must be a str, not {type(settings.pool_name).__name__}")
    if settings.daemon is not False and to_pool:
        raise TypeError("daemon cannot be given together with pool or pool_name: the calls go to one or the other")
    if settings.pool_name is not None and settings.pool not in (None, True):
        raise TypeError("pool_name cannot be given together with a pool, which has a name already")
    if settings.worker_options and (to_pool or settings.daemon not in (False, True)):
        raise TypeError("_worker_... cannot be given together with a pool or a worker that has its options already")
    if settings.pool_options and not (settings.pool is True or settings.pool_name is not None):
        raise TypeError("_pool_... needs pool=True or pool_name: it is for the pool that is made then")


def parameters_of(function: Callable[..., Any]) -> frozenset[str]:
    """Return the names of a function's parameters, as far as they are known."""
    try:
        return frozenset(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # some builtins have none
        return frozenset()


def task_keywords(known: Options, function: Callable[..., Any]) -> frozenset[str]:
    """Return what a call of ``function`` may say about its task, unless the function has such parameters itself."""
    return frozenset("_task_" + name for name in known.task).difference(parameters_of(function))


def take_task_options(keywords: frozenset[str], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Take the :func:`task_keywords` out of the arguments of a call; return them as options of its task."""
    return {keyword.removeprefix("_task_"): kwargs.pop(keyword) for keyword in keywords.intersection(kwargs)}
