"""DockMaster: runs jobs in the background, and hands each to its storage function."""

import inspect
import itertools
import threading
from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial
from time import monotonic
from typing import Any, Self

from windlass._core.clock import timeout_to_seconds
from windlass._core.report import logger, report
from windlass.jobs import registry
from windlass.jobs.crew import DockCrew
from windlass.jobs.job import Job, keywords
from windlass.task import Task

PROCESSING_TYPES = ("thread", "multiprocessing")

_numbers = itertools.count(1)


class _Posting:
    """A job on its way, compared by identity."""

    def __init__(self, job: Job, storage_function: Callable[..., object], kwargs: dict[str, Any]) -> None:
        self.job = job
        self.called_back = False
        # The call of the job's function; None while no shift is on.
        self.voyage: Task[None] | None = None
        # The call of the storage function: made at once, submitted after the voyage.
        self.stored: Task[Job] = Task(_store, (job, storage_function, kwargs), name=f"storage of job {job.id}")

    def withdraw(self) -> bool:
        """Cancel the job unless it has begun; return whether it is cancelled."""
        return (self.voyage is None or self.voyage.cancel()) and self.stored.cancel()

    def store_here(self) -> None:
        """Run the storage function on the calling thread."""
        try:
            self.stored()
        except BaseException:  # it has been reported, or the task was cancelled a moment ago
            pass


def _store(job: Job, storage_function: Callable[..., object], kwargs: dict[str, Any]) -> Job:
    try:
        storage_function(job=job, **kwargs)
    except BaseException as error:
        report("exception in the storage function of", job, error)
        raise
    return job


class _Shift(Enum):
    OFF = 0
    ON = 1
    ENDING = 2


class DockMaster:
    """Runs jobs in the background, and hands each to its storage function when it is done.

    ::

        def store(job):
            shelf[job.id] = job.results if job.error is None else job.traceback


        with DockMaster(ship_count=4) as dockmaster:
            dockmaster.post_job(Job(read, {"path": path}), store)

    Jobs begin in the order in which they were posted. The storage functions of one dock master run one at a time on a
    thread of their own, in the order in which their jobs come to an end, and so need no lock among themselves. A job
    whose function raises is done too: :attr:`Job.error` and :attr:`Job.traceback` tell. A storage function that raises
    is reported to the ``windlass`` logger and hurts nobody else.

    Args:
        ship_count: Most jobs at a time.
        processing_type: ``"thread"``, or ``"multiprocessing"``: each call in a child process, for which function,
            arguments and results are pickled. If a child process dies, the job it was at gets WorkerDied as its error,
            and the others are not affected.
        daemon: If True, the interpreter's exit drops what is queued and does not wait for what runs. Otherwise the
            shift is ended first.

    Used in a ``with`` statement, it works one shift.

    In a forked child no shift is on, and there are no jobs: the parent's tasks end as cancelled there.

    Raises:
        TypeError, ValueError: An argument is not of the kind described.

    Thread safety:
        Safe on shared objects.
    """

    def __init__(self, ship_count: int = 10, processing_type: str = "thread", daemon: bool = False) -> None:
        if isinstance(ship_count, bool) or not isinstance(ship_count, int):
            raise TypeError(f"ship_count must be an int, not {type(ship_count).__name__}")
        if ship_count < 1:
            raise ValueError(f"ship_count must be 1 or greater, not {ship_count}")
        if processing_type not in PROCESSING_TYPES:
            raise ValueError(f"processing_type must be one of {', '.join(PROCESSING_TYPES)}, not {processing_type!r}")
        self.ship_count = ship_count
        self.processing_type = processing_type
        self.daemon = daemon
        self._number = next(_numbers)
        self._begin_anew()
        registry.register(self)

    def _begin_anew(self) -> None:
        self._change = threading.Condition()  # guards what follows; told when a shift is over
        self._shift = _Shift.OFF
        self._held: dict[_Posting, None] = {}  # posted while no shift was on
        self._at_sea: dict[_Posting, None] = {}  # submitted, and not stored yet
        self._crew: DockCrew | None = None  # of the shift, or of the last one until it has been joined

    def _is_inside(self) -> bool:
        crew = self._crew
        return crew is not None and crew.is_inside()

    # ---- shifts ----

    @property
    def working(self) -> bool:
        """Whether a shift is on."""
        return self._shift is _Shift.ON

    def start_shift(self) -> None:
        """Begin to work, first on the jobs posted since the last shift. While a shift is on, do nothing.

        A shift that is still ending is waited for, and with ``"multiprocessing"`` the first child process.

        Raises:
            RuntimeError: Called by a job or storage function of a shift that is ending.
            BrokenPool: No child process could be started, as where the main part of a script is not guarded by
                ``if __name__ == "__main__"``.
        """
        with self._change:
            if self._shift is _Shift.ENDING and self._is_inside():
                raise RuntimeError("a job cannot start a shift while its own is ending: it would wait for itself")
            self._change.wait_for(lambda: self._shift is not _Shift.ENDING)
            if self._shift is _Shift.ON:
                return
            in_processes = self.processing_type == "multiprocessing"
            self._crew = DockCrew(f"dockmaster-{self._number}", self.ship_count, in_processes, self.daemon)
            self._shift = _Shift.ON
            for posting in list(self._held):
                self._sail(posting)
                self._held.pop(posting, None)

    def end_shift(self, finish: bool = True, timeout: float | None = None) -> list[Job]:
        """End the shift, and wait until its jobs are done and stored.

        Until then only its own jobs and storage functions can post to it; what others post is held for the next shift.
        Called by one of those, it does not wait.

        Args:
            finish: Whether to do the jobs that are queued. Otherwise they are handed back.
            timeout: Longest wait in seconds; None for no limit. The shift goes on to its end beyond it, and
                :meth:`join` waits for that again.

        Returns:
            The jobs handed back, in the order in which they were posted, those held for the next shift among them.
            Their functions and storage functions have not been called. Empty with ``finish``.

        Raises:
            TypeError, ValueError: ``timeout`` is not a number of seconds.
        """
        timeout = timeout_to_seconds(timeout)
        handed_back = self._begin_end(finish)
        if not self._is_inside():
            self.join(timeout)
        return handed_back

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end of the shift, which somebody else must have called for or must call for.

        Args:
            timeout: Longest wait in seconds; None for no limit.

        Returns:
            Whether it has ended in time, or no shift was on.

        Raises:
            RuntimeError: Called by a job or storage function of this shift.
            TypeError, ValueError: ``timeout`` is not a number of seconds.
        """
        timeout = timeout_to_seconds(timeout)
        end = None if timeout is None else monotonic() + timeout
        with self._change:
            crew = self._crew
            if crew is None:
                return True
            if crew.is_inside():
                raise RuntimeError("a job cannot wait for the end of its own shift: it would wait for itself")
            if not self._change.wait_for(lambda: self._shift is _Shift.OFF or self._crew is not crew, timeout):
                return False
        joined = crew.join(None if end is None else max(0.0, end - monotonic()))
        with self._change:
            if joined and self._crew is crew and self._shift is _Shift.OFF:
                self._crew = None
        return joined

    def _begin_end(self, finish: bool) -> list[Job]:
        with self._change:
            if self._shift is _Shift.ON:
                self._shift = _Shift.ENDING
            postings: list[_Posting] = []
            if not finish:
                # Each is the business of one call only, and no shift that begins meanwhile takes the held ones.
                postings = [posting for posting in [*self._at_sea, *self._held] if not posting.called_back]
                for posting in postings:
                    posting.called_back = True
                self._held.clear()
            self._close_if_over()
        # Without the lock: this calls the callbacks that others have added to the tasks.
        return [posting.job for posting in postings if posting.withdraw()]

    def _close_if_over(self) -> None:
        if self._shift is _Shift.ENDING and not self._at_sea:
            assert self._crew is not None
            self._crew.close()
            self._shift = _Shift.OFF
            self._change.notify_all()

    # ---- jobs ----

    def post_job(
        self,
        job: Job,
        storage_function: Callable[..., object],
        storage_kwarg_dictionary: Mapping[str, Any] | None = None,
    ) -> Task[Job]:
        """Have a job done, and then its storage function called with it. While no shift is on, the next one does it.

        Args:
            job: The job.
            storage_function: Called with the job, when it is done, as keyword argument ``job``.
            storage_kwarg_dictionary: Further keyword arguments for it.

        Returns:
            A task that ends after the storage function. Its result is the job; it raises what the storage function
            raised. Cancelling it withdraws the job, or if that has begun, its storage. A job or a storage function
            must not wait for the task of another job, which may need the very thread that waits.

        Raises:
            TypeError: An argument is not of the kind described, or the storage function cannot be called so.
            PoolClosed: The interpreter is exiting.

        Thread safety:
            Safe on shared objects.
        """
        if not isinstance(job, Job):
            raise TypeError(f"job must be a Job, not {type(job).__name__}")
        kwargs = keywords("storage_kwarg_dictionary", storage_kwarg_dictionary)
        _check_storage(storage_function, kwargs)
        posting = _Posting(job, storage_function, kwargs)
        posting.stored.add_done_callback(partial(self._settle, posting))
        with self._change:
            if self._shift is _Shift.ON or (self._shift is _Shift.ENDING and self._is_inside()):
                self._sail(posting)
            else:
                self._held[posting] = None
        return posting.stored

    @property
    def held_jobs(self) -> list[Job]:
        """The jobs that wait for the next shift to begin."""
        with self._change:
            return [posting.job for posting in self._held]

    def _sail(self, posting: _Posting) -> None:
        assert self._crew is not None
        self._at_sea[posting] = None
        try:
            posting.voyage = self._crew.sail(_make_voyage, posting.job)
        except BaseException:
            del self._at_sea[posting]
            raise
        posting.voyage.add_done_callback(partial(self._dock, posting))

    def _dock(self, posting: _Posting, voyage: Task[None]) -> None:
        if voyage.cancelled():
            posting.stored.cancel()
            return
        with self._change:
            crew = self._crew if posting in self._at_sea else None
        if crew is None:  # it was withdrawn during its voyage, or this is a forked child
            return
        try:
            crew.clerk.submit(posting.stored)
        except Exception as error:
            # Somebody closed all pools of the process. No result may be lost for it.
            report("no clerk, so its own thread stores", posting.job, error)
            posting.store_here()

    def _settle(self, posting: _Posting, stored: Task[Job]) -> None:
        with self._change:
            self._held.pop(posting, None)
            self._at_sea.pop(posting, None)
            self._close_if_over()
        if posting.voyage is not None:
            posting.voyage.cancel()  # if the task was cancelled by whoever posted

    # ---- the end ----

    def leave_at_exit(self) -> None:
        """End the shift because the interpreter exits."""
        with self._change:
            crew = self._crew
            if crew is not None:
                crew.grow_no_more()
        if not self.daemon:
            self.end_shift()
            return
        self._begin_end(finish=False)
        with self._change:
            self._at_sea.clear()  # what comes of these is not stored any more
            self._close_if_over()
        if crew is not None:
            crew.abandon()

    def tell_what_is_held(self) -> None:
        """Warn of jobs that no shift will do, since the interpreter exits."""
        if self._held:
            logger.warning("jobs held by %r for a shift that never began: %d", self, len(self._held))
            self._held.clear()

    def reset_after_fork(self) -> None:
        """In a forked child: begin again without a shift and without jobs. Their tasks end as cancelled."""
        postings = [*self._at_sea, *self._held]
        self._begin_anew()
        for posting in postings:
            posting.stored.cancel()

    def __enter__(self) -> Self:
        self.start_shift()
        return self

    def __exit__(self, *error: object) -> None:
        self.end_shift()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._number} {self._shift.name.lower()}, {self.ship_count} ships>"


def _make_voyage(call: Callable[..., Any], job: Job) -> None:
    try:
        results = call(job.function, job.kwarg_dictionary)
    except BaseException as error:
        job._fail(error)
    else:
        job._succeed(results)
    finally:
        del job  # the error's traceback refers to this frame: the job would keep itself alive


def _check_storage(storage_function: Callable[..., object], kwargs: dict[str, Any]) -> None:
    if not callable(storage_function):
        raise TypeError(f"storage_function must be callable, not {type(storage_function).__name__}")
    if "job" in kwargs:
        raise TypeError("storage_kwarg_dictionary must not contain 'job': that is where the job goes")
    try:
        signature = inspect.signature(storage_function)
    except (TypeError, ValueError):  # it has none that can be read, as some functions written in C
        return
    try:
        signature.bind(job=None, **kwargs)
    except TypeError as error:
        raise TypeError(f"storage_function cannot be called with job and these keyword arguments: {error}") from None
