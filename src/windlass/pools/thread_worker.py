"""ThreadWorker: one thread with a queue of its own."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from windlass._core.task_queue import PriorityTaskQueue
from windlass.pools.crew import ThreadCrew
from windlass.pools.hidden_pool import HiddenPool
from windlass.pools.lone_worker import CrewOfOne, LoneWorker


class _ThreadCrewOfOne(CrewOfOne, ThreadCrew):
    pass


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
        store = PriorityTaskQueue()
        store.refuse_puts()
        crew = _ThreadCrewOfOne(store, 1, 0, None, daemon, name or "windlass-worker", None, ())
        super().__init__(HiddenPool(crew), name, target, args, kwargs)
