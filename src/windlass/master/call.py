"""One task of a master."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from windlass._core.task_options import TaskOptions
from windlass.task import make_options

if TYPE_CHECKING:
    from windlass.master.run import Run

# The kinds of its life; guarded by the hub's lock.
WAITING, AWAY, OVER = range(3)


class Call:
    """What is asked of a worker, and who is to have the result.

    It is a task to the attendant of a worker process, which reads ``fn``, ``args``, ``kwargs``, ``semaphore`` and
    ``_options``.

    Attributes:
        task_id: Its number.
        key: Its priority; lower runs first.
        tag: Only workers with this tag run it; None for any.
        station: Only this one runs it; None for any.
        run: Whose iteration gives the result; None while there is none.
        is_own: Whether it was an argument of that run, and goes with it.
        position: Its place in the order of results of its run.
        tell: Called with it and the result instead; for a broadcast.
        attached: When a worker got it, ``time.monotonic()`` seconds.
    """

    __slots__ = (
        "_options",
        "args",
        "attached",
        "fn",
        "is_own",
        "key",
        "kwargs",
        "number",
        "position",
        "run",
        "semaphore",
        "state",
        "station",
        "tag",
        "task_id",
        "tell",
    )

    def __init__(
        self,
        task_id: int,
        fn: Callable[..., Any],
        args: tuple[Any, ...],
        key: int | float,
        timeout: float | None,
        tag: str | None = None,
        station: Any = None,
    ) -> None:
        self.task_id = task_id
        self.fn, self.args, self.kwargs = fn, args, None
        self.semaphore = None
        self._options: TaskOptions | None = None if timeout is None else make_options(task_timeout=timeout)
        self.key = key
        self.number = 0  # in the order of coming, among all of its priority
        self.tag = tag
        self.station = station
        self.run: Run | None = None
        self.is_own = False
        self.position = 0
        self.tell: Callable[[Call, Any], None] | None = None
        self.attached = 0.0
        self.state = WAITING

    def done(self) -> bool:
        """Return whether it has ended or was dropped."""
        return self.state == OVER

    @property
    def is_unowned(self) -> bool:
        """Whether nobody is owed the result so far."""
        return self.run is None and not self.is_own and self.tell is None

    def why_homeless(self) -> str:
        """Return what to say when there is no worker that may run it."""
        if self.station is not None:
            return f"worker {self.station.number} has left"
        if self.tag is not None:
            return f"no worker has the tag {self.tag!r}"
        return "the master has no workers: call add_worker() first"

    def __repr__(self) -> str:
        return f"<task {self.task_id} of a master>"
