"""``DockMaster`` and ``_Job`` of the DockMaster package: ``from windlass.dropin.dockmaster import DockMaster, Job``.

What behaves better:

- Each job keeps the storage function it was posted with. There, all jobs got the one posted last.
- A result is stored when it is there, not within the next two seconds, and the next job begins when a ship is free, not
  one every two seconds.
- A job beyond ``ship_count`` waits. There, ``ShipLimitError`` ended the thread that served all jobs, silently.
- A storage function that raises is logged. There, it ended that thread too.
- ``processing_type="multiprocessing"`` takes effect, and a child that dies costs only the job it was at.
- ``end_shift`` finishes what is queued, or hands it back: ``end_shift(finish=False)``.
- Interpreter exit finishes the shift. There, ``daemon=True`` was the default and lost it; ask for it if you want that.
- ``method_name``, which some versions demand of a job, is optional.
"""

import traceback
from collections.abc import Callable, Mapping
from typing import Any

import windlass.jobs as jobs

__all__ = ["DockMaster", "Job", "ShipLimitError"]


class ShipLimitError(Exception):
    """For ``except`` clauses. Never raised: a job waits until a ship is free."""


class Job(jobs.Job):
    """As :class:`windlass.Job`; besides, :attr:`results` of a job that failed is a dictionary that says so.

    Its keys are ``"Error Type"``, ``"Traceback"`` (the last line of it) and ``"Full Trace"``.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        kwarg_dictionary: Mapping[str, Any] | None = None,
        origin: Any = None,
        results: Any = None,
        method_name: str | None = None,
    ) -> None:
        super().__init__(function, kwarg_dictionary, origin, results)
        self.method_name = method_name

    def get_job_dictionary(self, serializable: bool = False) -> dict[str, Any]:
        """As :meth:`windlass.Job.get_job_dictionary`, and ``method_name``."""
        return {**super().get_job_dictionary(serializable), "method_name": self.method_name}

    def get_serializable(self) -> dict[str, Any]:
        """Return ``get_job_dictionary(serializable=True)``: the older name."""
        return self.get_job_dictionary(serializable=True)

    def _fail(self, error: BaseException) -> None:
        super()._fail(error)
        last_line = traceback.format_exception_only(error)[-1].strip()
        self.results = {"Error Type": type(error).__name__, "Traceback": last_line, "Full Trace": self.traceback}


class DockMaster(jobs.DockMaster):
    """As :class:`windlass.DockMaster`, with the older form of :meth:`post_job` too."""

    def post_job(  # type: ignore[override]  # that returns True
        self,
        job: jobs.Job,
        storage_function: Callable[..., object] | None = None,
        storage_kwarg_dictionary: Mapping[str, Any] | None = None,
        results_storage: Mapping[str, Any] | None = None,
    ) -> bool:
        """As :meth:`windlass.DockMaster.post_job`.

        Args:
            job: The job.
            storage_function: Called with the job when it is done.
            storage_kwarg_dictionary: Further keyword arguments for it.
            results_storage: A dictionary of the two, with their names as keys, in their place.

        Returns:
            True.
        """
        if results_storage is not None:
            storage_function = results_storage["storage_function"]
            storage_kwarg_dictionary = results_storage.get("storage_kwarg_dictionary")
        super().post_job(job, storage_function, storage_kwarg_dictionary)  # type: ignore[arg-type]  # None is refused
        return True
