"""A process crew that shows its processes, as code written for the standard pools looks at them."""

import os
import select
import signal
import threading
import weakref
from typing import Any

from windlass.pools.crew import PoolWorker
from windlass.pools.process_crew import ProcessCrew
from windlass.processes.host import WorkerHost


class WorkerProcess:
    """A worker process, with what real code asks a :class:`multiprocessing.Process` for.

    Thread safety:
        Safe on shared objects.
    """

    daemon = True  # it never outlives the program

    def __init__(self, host: WorkerHost, name: str) -> None:
        self.host = host
        self.name = name
        self.pid = host.pid
        # A descriptor of its own, for the host gives its back: the number of a process is another's one day.
        self.sentinel = host.watch_death()
        weakref.finalize(self, os.close, self.sentinel).atexit = False  # processes are still looked at then

    @property
    def ident(self) -> int:
        """The process id."""
        return self.pid

    @property
    def exitcode(self) -> int | None:
        """None while it lives; then its exit status, or the number of the signal that ended it, negative."""
        return None if self.is_alive() else self.host.exit_status()

    def is_alive(self) -> bool:
        """Return whether it runs."""
        return not self._has_died(0)

    def join(self, timeout: float | None = None) -> None:
        """Wait until it has ended or ``timeout`` seconds have passed; None for no limit."""
        self._has_died(None if timeout is None else max(0, int(timeout * 1000 + 0.999)))

    def terminate(self) -> None:
        """Ask it to end, by SIGTERM."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """Have the kernel end it."""
        self._send(signal.SIGKILL)

    def _has_died(self, timeout_ms: int | None) -> bool:
        death = select.poll()
        death.register(self.sentinel, select.POLLIN)
        return bool(death.poll(timeout_ms))

    def _send(self, number: int) -> None:
        try:
            if hasattr(os, "pidfd_open") and hasattr(signal, "pidfd_send_signal"):
                signal.pidfd_send_signal(self.sentinel, number)
            elif self.is_alive():
                os.kill(self.pid, number)
        except ProcessLookupError:
            pass  # it has ended

    def __repr__(self) -> str:
        state = "started" if self.is_alive() else f"stopped exitcode={self.exitcode}"
        return f"<WorkerProcess {self.name} pid={self.pid} {state}>"


class VisibleCrew(ProcessCrew):
    """A process crew that shows its processes. Arguments as of a process crew."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._shown: dict[threading.Thread, WorkerProcess] = {}  # by the thread that attends it
        self._ended: list[WorkerProcess] = []  # without their threads, which hold the crew
        self._changed = threading.Condition()  # guards both

    def note_start(self, host: WorkerHost) -> None:
        """Show a new process."""
        self.show(host)

    def show(self, host: WorkerHost) -> WorkerProcess:
        """Show a new process of the calling thread, in the place of the one before; return what is shown."""
        thread = threading.current_thread()
        process = WorkerProcess(host, thread.name)
        with self._changed:
            self._shown[thread] = process
            self._changed.notify_all()
        if self.broken is not None:  # whoever broke it has killed what was shown then
            process.kill()
        return process

    def depart(self, worker: PoolWorker) -> None:
        """Note that a thread is about to end, and its process has; at the end of all, it stays to be looked at."""
        super().depart(worker)
        with self._changed:
            process = self._shown.pop(worker, None)
            if self.closing and process is not None:
                self._ended.append(process)
            self._changed.notify_all()

    def processes(self) -> list[WorkerProcess]:
        """Return the worker processes in order of the first ones' start; wait for those that are being started."""
        with self._changed:
            self._changed.wait_for(self._are_started)
            return sorted([*self._shown.values(), *self._ended], key=_place_of)

    def shown(self) -> list[WorkerProcess]:
        """Return the worker processes that have been started, ready or not."""
        with self._changed:
            return [*self._shown.values(), *self._ended]

    def _are_started(self) -> bool:
        me = threading.current_thread()  # may be one of them, in a callback before there is a process
        return self.broken is not None or all(one in self._shown or one is me for one in self.threads.copy())

    def reset_after_fork(self) -> None:
        """In a forked child: begin again without workers."""
        super().reset_after_fork()
        self._changed = threading.Condition()
        self._shown = {}
        self._ended = []


def _place_of(process: WorkerProcess) -> int:
    return int(process.name.rpartition("_")[2])
