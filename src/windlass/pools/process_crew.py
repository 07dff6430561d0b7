"""The crew of a process pool: a thread for each worker process, which takes from the pool's queue on its behalf."""

import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from functools import cached_property
from typing import Any

from windlass._core.bell import HAVE_BELLS
from windlass._core.direct_seat import DirectSeat
from windlass._core.item_store import ItemStore
from windlass._core.remote_seat import RemoteSeat
from windlass.errors import BrokenPool, TaskCancelled, WorkerDied
from windlass.pools.attendant import Attendant
from windlass.pools.crew import PoolWorker, ThreadCrew
from windlass.pools.errand import Record
from windlass.pools.process_plan import ProcessPlan
from windlass.pools.recruit import recruit
from windlass.processes.host import WorkerHost
from windlass.processes.settings import WorkerSettings
from windlass.processes.transfer import pack
from windlass.task import Task


class ProcessWorker(PoolWorker):
    """The thread that attends one worker process."""

    attendant: Attendant | None = None
    fetch: Callable[[Any, int], None] | None = None  # see CoreTask

    @property
    def pid(self) -> int | None:
        """The process that works for it now, or None while there is none."""
        attendant = self.attendant
        host = attendant.host if attendant is not None else None
        return None if host is None else host.pid


class ProcessCrew(ThreadCrew):
    """Threads that each attend one worker process.

    Args:
        plan: What the processes have in common.
        store, max_workers, min_workers, idle_timeout, daemon, prefix: As of a thread crew.
    """

    def __init__(
        self,
        plan: ProcessPlan,
        store: ItemStore,
        max_workers: int,
        min_workers: int,
        idle_timeout: float | None,
        daemon: bool,
        prefix: str,
    ) -> None:
        super().__init__(store, max_workers, min_workers, idle_timeout, daemon, prefix, None, ())
        self.plan = plan
        self.direct = HAVE_BELLS
        self.attendants: list[Attendant] = []  # changed by one operation at a time
        self.newborns: set[WorkerHost] = set()  # until they are ready
        self.failed_starts = 0  # in a row, of all workers
        self.records: dict[Task[Any], Record] = {}  # of tasks that lost a worker and are to be tried again

    def make_worker(self, name: str, place: Any) -> PoolWorker:
        """Return a thread that has not been started."""
        return ProcessWorker(self, name, place)

    def serve(self, worker: Any, place: Any, keep_context: bool = False) -> None:
        """Attend a process on the calling thread until the crew is done with it."""
        seat = self._make_seat(worker)
        if not seat.sit(place):
            seat.close()
            return
        attendant = None
        try:
            attendant = Attendant(self, seat, getattr(worker, "name", self.prefix))
            if isinstance(worker, ProcessWorker):
                worker.attendant = attendant
            self.attendants.append(attendant)
            attendant.run()
        finally:
            if attendant in self.attendants:
                self.attendants.remove(attendant)
            seat.get_up()
            seat.close()
            if isinstance(worker, ProcessWorker):
                worker.attendant = worker.fetch = None  # which hold the worker

    def _make_seat(self, worker: Any) -> RemoteSeat:
        if self.direct and isinstance(worker, ProcessWorker):
            try:
                seat = DirectSeat(self, worker)
            except OSError:  # too many open files, for now
                pass
            else:
                worker.fetch = seat.fetch
                return seat
        return RemoteSeat(self, worker)

    def recruit(self, name: str) -> WorkerHost | None:
        """Return a worker process that is ready; None: there will be none, and the waiting tasks know."""
        return recruit(self, name)

    def note_death(self, died: WorkerDied) -> None:
        """Hear of a worker that died, at its start too, before its tasks go anywhere."""

    @cached_property
    def inherited(self) -> WorkerSettings | None:
        """The settings, if the processes get them at their start: else they come over the socket, of any size."""
        settings = self.plan.settings
        if settings.initializer is None:
            return None
        if self.plan.method == "fork":
            return settings  # they need not even pickle
        try:
            pack(settings, [])
        except Exception:  # locks and queues of multiprocessing go only to a process that is being started
            return settings
        return None

    def end_running(self, error: BaseException, task: Task[Any] | None = None) -> bool:
        """Kill the worker that runs ``task``, or all that run anything; the tasks fail with ``error``."""
        ended = [attendant.end(task, error) for attendant in list(self.attendants)]
        return any(ended)

    def end_all(self, error: TaskCancelled) -> None:
        """Kill the workers that run anything or are being started, and start no more; tasks fail with ``error``."""
        self.broken = self.broken or error
        self.end_running(error)
        for host in self.newborns.copy():
            host.kill()

    def note_newborn(self, host: WorkerHost) -> None:
        """Have a new process killed by :meth:`end_all` even before it is ready."""
        self.newborns.add(host)
        if self.broken is not None:  # it was while there was no newborn to be killed
            host.kill()

    def end_at_exit(self) -> None:
        """Let no worker outlive the program."""
        self.end_all(TaskCancelled("the interpreter exited while the task ran"))

    # ---- what a pool of another kind may see otherwise ----

    def note_start(self, host: WorkerHost) -> None:
        """Hear of a new process, on the thread that attends it, before it is ready."""

    def lose_worker(self, died: WorkerDied, at_task: bool) -> BaseException:
        """Hear of a death that nobody wanted; return what the task is to get that the worker was at, if it was."""
        if at_task and self.plan.on_crash == "break":
            self.break_down(self.make_broken(f"a worker died and on_crash is 'break': {died}"), died)
        return died

    def make_broken(self, why: str) -> BrokenExecutor:
        """Return what the tasks and later submits of a pool that is broken get."""
        return BrokenPool(why)

    def as_raised(self, error: BaseException) -> BaseException:
        """Return what a failed task is to have as its exception."""
        return error

    def grow_to_need(self) -> None:
        """Start workers for what has come back into the queue, of which no submit will do so."""
        while not self.closing and self.reserve() and self.start_reserved():
            pass

    def reset_after_fork(self) -> None:
        """In a forked child: begin again without workers."""
        super().reset_after_fork()
        for attendant in self.attendants:
            attendant.seat.close()
        self.attendants = [one for one in self.attendants if one.thread is threading.current_thread()]
        self.records, self.newborns = {}, set()
        self.failed_starts = 0
