"""The worker processes of an executor: one that dies unasked breaks it, as in the standard class."""

import select
import socket
import threading
import traceback
from concurrent.futures import process as standard_process
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import replace
from typing import Any

from windlass.dropin.futures.process_future import CallbackQueue
from windlass.dropin.visible_crew import VisibleCrew, WorkerProcess
from windlass.errors import RemoteTraceback, TransferError, WorkerDied
from windlass.pools.crew import PoolWorker
from windlass.pools.recruit import worker_died
from windlass.processes.host import WorkerHost
from windlass.processes.transfer import CALL_NOT_UNPICKLED, RESULT_NOT_UNPICKLED

# What the standard library's stubs do not know.
_standard: Any = standard_process
_RemoteTraceback: type[Exception] = _standard._RemoteTraceback

BROKEN = "A process in the process pool was terminated abruptly while the future was running or pending."


class NotUnpickled(TransferError, BrokenProcessPool):
    """A call or its result cannot be unpickled: this future fails, and the executor goes on.

    In the standard class it breaks the executor, so handlers of BrokenProcessPool meet it here too.
    """


class ExecutorManager(threading.Thread):
    """Watches the processes of one executor: an idle one that dies breaks it at once, and nobody else would notice.

    Args:
        crew: Hears of each death.
    """

    def __init__(self, crew: "ExecutorCrew") -> None:
        super().__init__(name=f"{crew.prefix}_manager", daemon=True)
        self._crew = crew
        self._watched: dict[int, WorkerProcess] = {}  # by descriptor
        self._bell, self._ear = socket.socketpair()  # written to when there is one more, shut at the end

    def watch(self, process: WorkerProcess) -> None:
        """Watch one more process."""
        self._watched[process.sentinel] = process
        self._bell.send(b"\0")

    def finish(self) -> None:
        """End: there are no processes and will be none."""
        with suppress(OSError):  # it has ended
            self._bell.shutdown(socket.SHUT_WR)  # not close: a forked process may hold a copy

    def close(self) -> None:
        """Give the descriptors back, where the thread has not started or does not exist: in a forked child."""
        self._bell.close()
        self._ear.close()

    def run(self) -> None:
        """Watch until told to finish."""
        try:
            with self._bell, self._ear:
                self._watch_all()
        finally:
            del self._crew  # which holds this thread

    def _watch_all(self) -> None:
        while True:
            # Anew each time: there are few processes, and they are rarely started.
            deaths = select.poll()
            deaths.register(self._ear, select.POLLIN)
            for descriptor in list(self._watched):
                deaths.register(descriptor, select.POLLIN)
            for descriptor, _ in deaths.poll():
                process = self._watched.pop(descriptor, None)
                if process is not None:
                    self._crew.look_at(process)
                elif not self._ear.recv(4096):
                    return


class ExecutorCrew(VisibleCrew):
    """The processes of one executor. Arguments as of a process crew."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.manager: ExecutorManager | None = None
        self.callbacks = CallbackQueue()
        # Guards the start and the end of the manager, and who breaks. A finalizer may interrupt its holder.
        self._end = threading.RLock()

    # ---- the manager ----

    def start_manager(self) -> None:
        """Have the processes watched.

        Raises:
            RuntimeError: No thread can be started.
        """
        with self._end:
            if self.manager is None and not self.closing:
                manager = ExecutorManager(self)
                try:
                    manager.start()
                except BaseException:
                    manager.close()
                    raise
                self.manager = manager

    def finish(self, here: bool = False) -> None:
        """As of every crew; let the manager go if there is nothing to do."""
        super().finish(here)
        self._release_manager()

    def _release_manager(self) -> None:
        # It ends if nothing is left to watch.
        with self._end:
            if self.closing and not self.threads and self.manager is not None:
                self.manager.finish()

    def depart(self, worker: PoolWorker) -> None:
        """Note that a thread is about to end; let the manager go with the last one."""
        super().depart(worker)
        self._release_manager()

    def note_start(self, host: WorkerHost) -> None:
        """Show and watch a new process."""
        process = self.show(host)
        if self.manager is not None:
            self.manager.watch(process)

    def look_at(self, process: WorkerProcess) -> None:
        """Break if a process that has died is still somebody's: else it was let go, or has been missed already."""
        if any(attendant.is_with(process.host) for attendant in list(self.attendants)):
            self.lose_worker(worker_died(process.pid, process.exitcode, "unasked"), False)

    # ---- what is otherwise than in windlass's own pools ----

    def break_at_next_death(self) -> None:
        """Break whatever ``on_crash`` says: the processes are about to be ended, and are to have no successors."""
        self.plan = replace(self.plan, on_crash="break")

    def lose_worker(self, died: WorkerDied, at_task: bool) -> BaseException:
        """Break, and end all processes, unless ``on_crash`` says otherwise."""
        if self.plan.on_crash != "break":
            return died
        with self._end:  # the manager and the process's own thread may both have seen it
            if self.broken is not None:
                return self.broken
            self.broken = broken = self.make_broken(BROKEN)
        self.break_down(broken, died)
        self.end_running(broken)
        for process in self.shown():  # those that are idle or not ready yet
            process.kill()
        return broken

    def make_broken(self, why: str) -> BrokenProcessPool:
        """Return what the futures and later submits of a broken executor get."""
        return BrokenProcessPool(why)

    def note_failure(self, error: BaseException) -> BrokenProcessPool:
        """Return what pending futures and later submits are to get; the process has logged what was raised."""
        return BrokenProcessPool("A process initializer failed, the process pool is not usable anymore")

    def as_raised(self, error: BaseException) -> BaseException:
        """Return what the standard class would have raised."""
        if isinstance(error, TransferError) and error.__cause__ is not None:
            if error.what in (CALL_NOT_UNPICKLED, RESULT_NOT_UNPICKLED):
                unpickled = NotUnpickled(*error.args)
                unpickled.__cause__ = error.__cause__
                return unpickled
            error = error.__cause__
            if error.__cause__ is None:  # it did not pickle over here
                error.__cause__ = _RemoteTraceback(_quoted("".join(traceback.format_exception(error))))
        if isinstance(error.__cause__, RemoteTraceback):
            error.__cause__ = _RemoteTraceback(_quoted(error.__cause__.args[0]))
        return error

    def reset_after_fork(self) -> None:
        """In a forked child: begin again without workers."""
        super().reset_after_fork()
        if self.manager is not None:
            self.manager.close()
        self.manager = None
        self.callbacks = CallbackQueue()
        self._end = threading.RLock()


def _quoted(trace: str) -> str:
    return f'\n"""\n{trace}"""'
