"""ThreadWorker: one thread with a queue of its own."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from windlass.pools.crew import ThreadCrew
from windlass.pools.hidden_thread_pool import HiddenThreadPool
from windlass.pools.lone_worker import CrewOfOne, LoneWorker


class _ThreadCrewOfOne(CrewOfOne, ThreadCrew):
    pass


class _PoolOfOne(HiddenThreadPool):
    _crew_type = _ThreadCrewOfOne


class ThreadWorker(LoneWorker):
    """A thread that runs the tasks of its own priority queue, one after the other.

    It starts with its first task, or by ``start()``.

    Args:
        target: What the thread calls first, or a Task to run; with it, the thread ends after what was submitted before
            its start.
        name: Of the thread.
        daemon: If True, the interpreter's exit drops what is queued and does not wait for what runs.
        args: Positional arguments of ``target``.
        kwargs: Keyword arguments of ``target``.

    Raises:
        TypeError: ``target`` is neither None nor callable.

    Thread safety:
        Safe on shared objects.
    """

    def __init__(
        self,
        target: Callable[..., Any] | None = None,
        *,
        name: str | None = None,
        daemon: bool = False,
        args: Iterable[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        pool = _PoolOfOne(1, idle_timeout=None, daemon=daemon, thread_name_prefix=name or "windlass-worker")
        super().__init__(pool, name, target, args, kwargs)
