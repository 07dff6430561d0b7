"""The engine of a drop-in pool whose workers are processes."""

import itertools
from collections.abc import Callable, Iterable
from multiprocessing import pool as standard_pool
from typing import Any

from windlass._core.item_store import ItemStore
from windlass._core.map_result import MapResult
from windlass._core.report import report
from windlass.dropin.pool.engine import Engine, EngineCrew, broken_by
from windlass.dropin.visible_crew import VisibleCrew
from windlass.errors import BrokenPool, PoolTerminated, RemoteTraceback, TransferError
from windlass.pools.process_plan import ProcessPlan
from windlass.processes.relay import root_level
from windlass.processes.settings import WorkerSettings
from windlass.processes.start import check_method
from windlass.processes.transfer import CALL_NOT_PICKLED, RESULT_NOT_PICKLED

# What the standard library's stubs do not know.
_standard: Any = standard_pool

_numbers = itertools.count(1)


class ProcessEngineCrew(EngineCrew, VisibleCrew):
    """The processes of an engine."""

    @classmethod
    def of_processes(
        cls,
        processes: int,
        method: str,
        initializer: Callable[..., object] | None,
        initargs: Iterable[Any],
        max_tasks: int | None,
    ) -> "ProcessEngineCrew":
        """Return a crew; parameters as of the pool."""
        settings = WorkerSettings(initializer, tuple(initargs), root_level())
        plan = ProcessPlan(check_method(method), settings, None, None, max_tasks or 0, 0, "fail", 1)
        return cls(plan, ItemStore(), processes, processes, None, True, f"Pool-{next(_numbers)}")

    def note_failure(self, error: BaseException) -> BrokenPool:
        """Log what the initializer raised; return what every pending and later call is to get."""
        report("exception in the initializer of", self, error)
        return broken_by(self.plan.settings.initializer, error)

    def as_raised(self, error: BaseException) -> BaseException:
        """Return what the standard class raises, or would if it did not wait for ever."""
        if isinstance(error, TransferError) and error.__cause__ is not None:
            if error.what == RESULT_NOT_PICKLED:
                unsent = _standard.MaybeEncodingError(error.__cause__, None)
                unsent.value = error.subject
                return unsent  # type: ignore[no-any-return]
            if error.what == CALL_NOT_PICKLED:
                return error.__cause__
        if isinstance(error.__cause__, RemoteTraceback):
            error.__cause__ = _standard.RemoteTraceback(f'\n"""\n{error.__cause__.args[0]}"""')
        return error

    def abandon(self, error: PoolTerminated) -> None:
        """End all processes; what they are at fails with ``error``, and so does what they had before them."""
        self.end_all(error)
        for process in self.shown():  # those that are idle
            process.kill()


class ProcessEngine(Engine):
    """Processes, their queue, and the readers of inputs."""

    def failed_map(
        self, error: BaseException, error_callback: Callable[[BaseException], object] | None
    ) -> MapResult[Any]:
        """Return the result of a map whose input could not be read: the error stays in this process."""
        with self.callbacks_elsewhere():
            return self.ended_map(error, error_callback)

    def terminate(self) -> None:
        """Take no more calls, and end those that wait or run with PoolTerminated."""
        super().terminate()
        self._abandon()

    def at_exit(self) -> None:
        """Drop what waits, and end what runs."""
        super().at_exit()
        self._abandon()

    def _abandon(self) -> None:
        self._crew.abandon(PoolTerminated("the pool was terminated before this call had ended"))
