"""A worker that runs its function on each task in a queue."""

import queue as queue_module
from collections.abc import Callable
from typing import Any

from windlass._core.clock import monotonic_ns
from windlass._core.report import report
from windlass.workers.base import BaseWorker
from windlass.workers.options import QueueOptions
from windlass.workers.shift import Shift
from windlass.workers.task_source import check_queue, source_of


class BackgroundQueueWorker(BaseWorker):
    """Runs its function on each task put into its queue; the task is the first argument.

    **Nothing is lost by a stop.** What has been taken out of the queue is run to its end. What has not stays there,
    in its order: it is run after the next start, or by whoever else reads :attr:`queue`. :meth:`close` runs it first.
    At interpreter exit a worker with ``daemon=False`` runs what is queued, as :meth:`close` does.

    Each task is acknowledged with ``task_done`` when its run has ended, so ``worker.queue.join()`` waits for all.

    Args:
        name: See :class:`BaseWorker`, as for all that is not listed here.
        func: What to run on each task.
        queue: A queue to read from; others may read it too. Anything with ``put`` and ``get`` for threads.
        queue_class: Called without arguments for a queue; ``queue.Queue`` if neither is given.
        q: Accepted from the parameters of the decorator.
        **parameters: See :class:`BaseWorker`.
    """

    _options_type = QueueOptions
    _options: QueueOptions
    _leading = 1

    def __init__(self, name: str | None = None, func: Callable[..., Any] | None = None, **parameters: Any) -> None:
        self._made: dict[Any, Any] = {}  # class -> the queue of that class made here
        super().__init__(name, func, **parameters)
        self._queue_in(self._options)

    @property
    def queue(self) -> Any:
        """The queue it reads from."""
        return self._queue_in(self._options)

    def _queue_in(self, options: QueueOptions) -> Any:
        if options.queue is not None:
            return check_queue(options.queue)
        kind = options.queue_class or queue_module.Queue
        found = self._made.get(kind)
        return found if found is not None else self._made.setdefault(kind, check_queue(kind()))

    def put(self, task: Any, *args: Any, **kwargs: Any) -> None:
        """Put a task into the queue; further arguments are those of the queue's own ``put``."""
        self.queue.put(task, *args, **kwargs)

    def close(self, wait: bool = True, timeout: float | None = None) -> bool:
        """Run what is queued, even if it was paused, then stop. The hooks of a stop are not called.

        Args:
            wait: Wait for the end. From inside the function it does not wait.
            timeout: Longest wait in seconds; None for no limit.

        Returns:
            Whether it has ended.
        """
        shift = self._shift
        if shift is not None:
            shift.finishing = True
            self.resume()  # which wakes it
        return self.join(timeout if wait else 0)

    def leave_at_exit(self) -> None:
        """Stop, as the interpreter is exiting; run what is queued first unless the worker is a daemon."""
        if self.daemon:
            super().leave_at_exit()
        else:
            self.close(wait=False)

    def reset_after_fork(self) -> None:
        """In a forked child: nothing of it runs here, and the tasks in a queue of its own are the parent's."""
        super().reset_after_fork()
        self._made = {}

    def _equip(self, shift: Shift) -> None:
        assert isinstance(shift.options, QueueOptions)
        queue = self._queue_in(shift.options)
        shift.source = source_of(queue, shift)
        shift.waker = shift.source.wake

    def _drive(self, shift: Shift) -> None:
        source = shift.source
        while not shift.stopping:
            try:
                found = source.take()
            except BaseException as error:  # the queue is broken: to try again would fail again
                report("exception in the queue ends", self, error)
                shift.order_stop()
                return
            if found:
                started_ns = monotonic_ns()
                shift.execute(started_ns, started_ns, *found)
                source.done()
