"""Task and its queue, as PyMultiTasking spells them."""

from collections.abc import Callable
from typing import Any, TypeVar

from windlass.dropin.queue import PriorityQueue
from windlass.task import Task as WindlassTask

T = TypeVar("T")


class Task(WindlassTask[T]):
    """As :class:`windlass.Task`, with the arguments of the call at the end.

    Args:
        fn: What to call.
        priority: Lower runs first.
        kill: Has nothing left to do: it told a worker to end.
        inject_task: Pass the task to ``fn`` as keyword argument ``TaskObject``, if it has such a parameter.
        store_return: Whether to keep the value.
        ignore_queue: Has nothing left to do.
        callback_func: Called with the value if the call succeeds.
        semaphore: Held during the call.
        args: Positional arguments of the call.
        kwargs: Its keyword arguments.
    """

    def __init__(
        self,
        fn: Callable[..., T],
        priority: int | float = 1,
        kill: bool = False,
        inject_task: bool = True,
        store_return: bool = True,
        ignore_queue: bool = False,
        callback_func: Callable[[T], object] | None = None,
        semaphore: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            fn,
            args,
            kwargs,
            priority=priority,
            callback_func=callback_func,
            semaphore=semaphore,
            store_return=store_return,
            inject_task=None if inject_task else False,
        )
        self.kill = kill
        self.ignore_queue = ignore_queue

    @property
    def callback_fun(self) -> Callable[[T], object] | None:
        """What ``callback_func`` is called there."""
        return self.callback_func

    def isSet(self) -> bool:
        """As :meth:`is_set`."""
        return self.is_set()

    def run(self) -> T | None:
        """Run the task in the calling thread and return its results."""
        return self()

    def __ge__(self, other: "WindlassTask[Any]") -> bool:
        return bool(self.priority >= other.priority)

    def __le__(self, other: "WindlassTask[Any]") -> bool:
        return bool(self.priority <= other.priority)

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy is one of windlass's own: what differs here is how a task is made.
        made = super().__reduce__()
        return made[0], (WindlassTask, *made[1][1:])


class PriorityTaskQueue(PriorityQueue[WindlassTask[Any]]):
    """A priority queue that takes nothing but tasks, which are in order of their priorities."""

    def put(self, item: WindlassTask[Any], block: bool = True, timeout: float | None = None) -> None:
        """Put a task.

        Args:
            item: The task.
            block: Whether to wait for room.
            timeout: Longest wait in seconds; None for no limit.

        Raises:
            TypeError: ``item`` is no task.
            Full: There was no room.
        """
        if not isinstance(item, WindlassTask):
            raise TypeError(f"item must be a Task, not {type(item).__name__}")
        super().put(item, block, timeout)

    def put_nowait(self, item: WindlassTask[Any]) -> None:
        """As ``put(item, block=False)``."""
        self.put(item, False)
