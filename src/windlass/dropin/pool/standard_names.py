"""What the standard pool's private names stand for here, for code that reads them and for recipes built on them.

A well-known recipe (istarmap) makes an iterator of the standard class, which enters itself into ``_cache``, and puts
its tasks into ``_taskqueue``: it works here too.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any

from windlass._core.report import report
from windlass.dropin.queue_view import QueueView

if TYPE_CHECKING:
    from windlass.dropin.pool.engine import Engine

# job, index, function, arguments, keyword arguments
StandardTask = tuple[int, int, Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class PendingResults(MutableMapping[int, Any]):
    """``_cache``: the results that are not ready, by job number. The standard library's own enter themselves."""

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine
        self._entered = engine.entered

    def _all(self) -> dict[int, Any]:
        return {result._job: result for result in self._engine.pending_results()} | self._entered

    def __getitem__(self, job: int) -> Any:
        return self._entered[job] if job in self._entered else self._all()[job]

    def __setitem__(self, job: int, result: Any) -> None:
        self._entered[job] = result

    def __delitem__(self, job: int) -> None:
        del self._entered[job]

    def __iter__(self) -> Iterator[int]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return repr(self._all())


class NoCalls:
    """``_outqueue``: always empty."""

    def qsize(self) -> int:
        """Return 0."""
        return 0

    def empty(self) -> bool:
        """Return True."""
        return True


class WaitingCalls(QueueView):
    """``_taskqueue`` and ``_inqueue``: the tasks that wait for a worker."""

    def __init__(self, engine: "Engine") -> None:
        super().__init__(engine._crew)
        self._engine = engine

    def put(self, job: tuple[Iterable[StandardTask], Callable[[int], object] | None]) -> None:
        """Run tasks as the standard pool writes them.

        Args:
            job: An iterable of ``(job, index, function, args, kwds)``, and what to call with their number at the
                end, or None.
        """
        self._engine.start_reader(StandardTasks(self._engine, *job))


class StandardTasks(threading.Thread):
    """Reads tasks as the standard pool writes them, and hands their outcomes to the results in ``_cache``."""

    def __init__(
        self, engine: "Engine", tasks: Iterable[StandardTask], set_length: Callable[[int], object] | None
    ) -> None:
        super().__init__(name="ThreadPool-input", daemon=True)
        self._engine = engine
        self._tasks = tasks
        self._set_length = set_length
        self._callers_context = copy_context()
        self._stopped = False
        self._over = threading.Event()

    def run(self) -> None:
        """Read to the end."""
        try:
            self._callers_context.run(self._read)
        except BaseException as error:
            report("exception in the input of", self._engine, error)
        finally:
            self._engine.reader_ended(self)
            self._over.set()

    def _read(self) -> None:
        length = 0
        for job, index, func, args, kwds in self._tasks:
            if self._stopped:
                break
            length = index + 1
            value, error = partial(self._settle, job, index, True), partial(self._settle, job, index, False)
            try:
                self._engine.apply_async(func, args, kwds, value, error)
            except Exception as refusal:
                self._settle(job, index, False, refusal)
        if self._set_length is not None:
            self._set_length(length)

    def _settle(self, job: int, index: int, success: bool, outcome: Any) -> None:
        result = self._engine.entered.get(job)
        if result is not None:
            result._set(index, (success, outcome))

    def abort(self, error: BaseException) -> None:
        """Read no more."""
        self._stopped = True

    def settle(self) -> None:
        """Wait for the end."""
        self._over.wait()

    def forsake(self) -> None:
        """In a forked child, where this thread does not exist: the standard library's results have no such state."""
