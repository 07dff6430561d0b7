"""The crew of a thread pool: the compiled crew, and the threads that serve it."""

import threading
from _thread import LockType
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from time import monotonic
from typing import Any
from uuid import uuid4

from windlass._core.clock import timeout_to_seconds
from windlass._core.item_store import ItemStore
from windlass._core.report import report
from windlass._core.worker_loop import WorkerLoop
from windlass.errors import BrokenPool, TaskCancelled

# Seconds after which a join looks for threads that ended without a word.
LOOK_AGAIN = 1.0


class PoolWorker(threading.Thread):
    """A thread that serves a crew: a real :class:`threading.Thread`, with a name, for debuggers and tracers.

    It holds the crew but not the pool: a pool that nobody holds any more can go, and then tells the crew to finish.
    """

    def __init__(self, crew: "ThreadCrew", name: str, place: Any) -> None:
        super().__init__(name=name, daemon=crew.daemon)
        self.uuid = str(uuid4())
        self._joining = threading.RLock()  # R: a signal handler may wait, too
        self._crew = crew
        self._place = place

    def run(self) -> None:
        """Serve until the crew lets this worker go."""
        crew = self._crew
        try:
            if crew.initialize():
                crew.serve(self, self._place, crew.initializer is not None)
        finally:
            crew.give_back(self._place)
            crew.depart(self)

    @property
    def is_active(self) -> bool:
        """Whether it is at a task now."""
        return self._crew.task_of(self) is not None

    @property
    def current_priority(self) -> int | float:
        """The priority of the task it is at, 0 when idle."""
        task = self._crew.task_of(self)
        return 0 if task is None else task.priority


class ThreadCrew(WorkerLoop):
    """Threads that work for one pool, and go on without it until the work is done.

    Args:
        store: Their queue.
        max_workers: Most of them at a time.
        min_workers: How many stay when idle.
        idle_timeout: Seconds after which one above ``min_workers`` leaves; None for never.
        daemon: Whether the interpreter may exit while they work.
        prefix: Of the threads' names.
        initializer: Called with ``initargs`` on each thread before its first task.
        initargs: Its arguments.
    """

    def __init__(
        self,
        store: ItemStore,
        max_workers: int,
        min_workers: int,
        idle_timeout: float | None,
        daemon: bool,
        prefix: str,
        initializer: Callable[..., object] | None,
        initargs: tuple[Any, ...],
    ) -> None:
        if type(threading.Lock()) is not LockType:  # green threads: a worker's sleep would stop all of them
            raise RuntimeError("windlass needs real threads, but threading has been patched (gevent, eventlet?)")
        super().__init__(store, max_workers, min_workers, idle_timeout)
        self.daemon = daemon
        self.threads: set[PoolWorker] = set()
        self._departure = threading.Condition()
        self.broken: BrokenExecutor | TaskCancelled | None = None  # why there will be no more workers
        self.prefix = prefix
        self._started = 0
        self._initializer_failed = False  # guarded by _departure
        self.initializer = initializer
        self.initargs = initargs

    def start_worker(self, place: Any = None) -> PoolWorker:
        """Start a thread for a place reserved before.

        Raises:
            RuntimeError: No thread can be started; the place has been given back.
        """
        # Whoever acquires it answers for the place: the thread that serves, or who saw that it will not. Ctrl-C may
        # interrupt start() before there is a thread or when it runs already.
        place = threading.Lock() if place is None else place
        worker = None
        try:
            worker = self.make_worker(f"{self.prefix}_{self._started}", place)
            self._started += 1
            self.threads.add(worker)
            worker.start()
        except BaseException:
            if self.give_back(place) and worker is not None:
                self.threads.discard(worker)
            raise
        return worker

    def make_worker(self, name: str, place: Any) -> PoolWorker:
        """Return a thread that has not been started."""
        return PoolWorker(self, name, place)

    def initialize(self) -> bool:
        """Run the initializer on the calling worker; break the crew if it raises."""
        if self.initializer is None:
            return True
        try:
            self.initializer(*self.initargs)
        except BaseException as error:
            self.fail_to_initialize(error)
            return False
        return True

    def fail_to_initialize(self, error: BaseException) -> None:
        """Break down for what the initializer raised. Several workers may call this at once; one of them is heard."""
        with self._departure:
            heard, self._initializer_failed = self._initializer_failed, True
        if not heard and self.broken is None:
            self.break_down(self.note_failure(error), error)

    def break_down(self, broken: BrokenExecutor, cause: BaseException | None = None) -> None:
        """Fail what waits, and refuse what comes."""
        self.broken = broken
        if cause is not None:
            broken.__cause__ = cause
        self.close()
        self.drain(broken)

    def note_failure(self, error: BaseException) -> BrokenExecutor:
        """Log what an initializer raised; return what the pool's tasks and later submits are to get."""
        report("exception in the initializer of", self, error)
        return BrokenPool("an initializer failed, the pool is not usable anymore")

    def finish(self, here: bool = False) -> None:
        """Take no more tasks, but do those that wait, even if no worker has been started so far.

        Args:
            here: If no thread can be started for them, do them on the calling thread rather than cancel them.
        """
        self.close()
        if self._reserve_to_finish():
            try:
                self.start_worker()
            except Exception as error:
                if self.n_workers > 0:
                    return
                if here and self._reserve_to_finish() and self.initialize():
                    self.serve(threading.current_thread(), threading.Lock())
                    return
                report("no worker can be started to finish the work of", self, error)
                self.drain()

    def _reserve_to_finish(self) -> bool:
        # A closed crew keeps a worker while its tasks wait for slots of limits: later, none could be started.
        return self.queued > 0 and (self.reserve() or (self.n_workers == 0 and self.reserve(True)))

    def join_workers(self, timeout: float | None) -> bool:
        """Wait for the threads to end; return whether they have, except the calling one."""
        timeout = timeout_to_seconds(timeout)
        end = None if timeout is None else monotonic() + timeout
        me = threading.current_thread()
        seen: set[PoolWorker] = set()
        # Not by Thread.join: on 3.11 and 3.12, Ctrl-C in it marks the living thread as stopped, for the interpreter's
        # exit too. One that leaves may have started another for work that was left; and a place may be reserved for
        # one that is about to start.
        with self._departure:
            while True:
                workers = set(self.threads) - {me}
                seen |= workers
                if not workers and (self.n_workers == 0 or me in self.threads):
                    break
                left = LOOK_AGAIN if end is None else min(LOOK_AGAIN, end - monotonic())
                if left <= 0:
                    return False
                if not self._departure.wait(left):
                    # A thread killed from outside (PyThreadState_SetAsyncExc) may not have said that it leaves.
                    # Only of those not joined below: is_alive() beside a join is like a second join.
                    self.threads.difference_update(
                        worker
                        for worker in workers & self.threads
                        if worker.ident is not None and not worker.is_alive()
                    )
                    if not workers and left == LOOK_AGAIN:
                        break
        for worker in seen:  # they have left, and need no more than to end
            if worker.ident is not None:
                with worker._joining:  # of two joins of one thread at once, 3.11 and 3.12 may let both fail
                    worker.join(None if end is None else max(1.0, end - monotonic()))
        return True

    def depart(self, worker: PoolWorker) -> None:
        """Note that a thread is about to end. If it was the last one and work came or stayed behind, start another."""
        if self.n_workers == 0 and self.queued and self.reserve():
            self.start_reserved()
        self.threads.discard(worker)
        with self._departure:
            self._departure.notify_all()

    def wait_for_departure(self, workers: list[PoolWorker], timeout: float | None) -> bool:
        """Wait until one of ``workers`` has ended."""
        with self._departure:
            left = timeout_to_seconds(timeout)
            return self._departure.wait_for(lambda: not self.threads.issuperset(workers), left)

    def end_at_exit(self) -> None:
        """Do nothing: threads cannot be killed, and end with the interpreter."""

    def reset_after_fork(self) -> None:
        """In a forked child: begin again without threads."""
        super().reset_after_fork()
        self._departure = threading.Condition()
        self._initializer_failed = False  # the thread that told of it, and was about to break the crew, is not here
        self.threads = {worker for worker in self.threads if worker is threading.current_thread()}

    def __repr__(self) -> str:
        return f"<the {self.n_workers} workers of {self.prefix!r}>"
