"""A worker's place in the master: the thread that attends its process, and what it tells that attendant.

To the attendant (``pools/attendant.py``) it is the employer, who says how processes are started and when to leave.
"""

import threading
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from windlass._core.report import report
from windlass.errors import WorkerDied, WorkerInitError
from windlass.master.backend import Backend, LocalProcesses
from windlass.master.call import Call
from windlass.master.seat import StationSeat
from windlass.pools.attendant import Attendant
from windlass.pools.process_plan import ProcessPlan
from windlass.pools.recruit import MOST_FAILED_STARTS, introduce
from windlass.processes.host_interface import Host
from windlass.processes.start import NO_GUARD

if TYPE_CHECKING:
    from windlass.master.agenda import Heap
    from windlass.master.hub import Hub

# Seconds between two starts of a worker that fails at its start, doubled each time.
BACK_OFF = 0.1


class Station:
    """One worker of a master, through all the processes that it is in turn.

    Args:
        hub: Whose.
        number: Its number.
        name: Of its processes and its thread.
        what: Its class, for messages.
        tags: What it runs beside tasks without a tag.
        plan: How its processes are made and how long they last.
        backend: Where they are.

    Thread safety:
        Incompatible: it belongs to its thread, but for :meth:`wake`, :meth:`dismiss` and :meth:`kill`.
    """

    def __init__(
        self,
        hub: "Hub",
        number: int,
        name: str,
        what: str,
        tags: frozenset[str],
        plan: ProcessPlan,
        backend: Backend,
    ) -> None:
        self.hub = hub
        self.number = number
        self.name = name
        self.what = what
        self.tags = tags
        self.plan = plan
        self.mailbox: Heap = []  # what only this worker may run; guarded by the hub's lock, as the next three
        self.away: set[Call] = set()
        self.ended = 0
        self.leaving = False
        self.last_end = 0.0
        self.is_called = False
        self.broken: Exception | None = None  # why it is given up
        self.failed_starts = 0  # in a row
        self.deaths = 0
        self._backend = backend
        self._newborn: Host | None = None  # until it is ready
        self._attendant: Attendant | None = None
        self._was_ready = False
        self._is_ended = False  # by force, for good
        self._bell = Lock()  # released: look again
        self._bell.acquire()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    # ---- from any thread ----

    def start(self) -> None:
        """Begin; the process is started on the station's own thread."""
        self._thread.start()

    def wake(self) -> None:
        """Have it look for work, or for the end."""
        self.is_called = True
        try:
            self._bell.release()
        except RuntimeError:  # the last ring has not been heard yet
            pass

    def dismiss(self) -> None:
        """Let it leave, after what it is at; ``leaving`` has been set."""
        if (newborn := self._newborn) is not None:
            newborn.kill()  # nobody waits for its start any more
        self.wake()

    def kill(self) -> None:
        """End its process now, whatever it is at."""
        attendant = self._attendant
        for host in (self._newborn, attendant.host if attendant is not None else None):
            if host is not None:
                host.kill()

    def end_all(self, error: BaseException) -> None:
        """End all it has with an error, killing the process if it has begun anything."""
        self._is_ended = True
        if self._attendant is not None:
            self._attendant.end(None, error)

    def end_current(self, error: BaseException) -> None:
        """End what it is at with an error, killing the process; what it has not begun goes back."""
        attendant = self._attendant
        host = attendant.host if attendant is not None else None
        if attendant is not None and host is not None:
            errand = attendant._away.get(host.page.running)
            if errand is not None:
                self._is_ended = True  # before the kill, of which its thread may hear first
                attendant.end(errand.task, error)

    def may_run(self, call: Call) -> bool:
        """Return whether a call may come here."""
        if call.station is not None:
            return call.station is self
        return call.tag is None or call.tag in self.tags

    @property
    def pid(self) -> int | None:
        """Of its process; None while there is none that is ready."""
        attendant = self._attendant
        host = attendant.host if attendant is not None else None
        return None if host is None else host.pid

    @property
    def state(self) -> str:
        """What it is at, in one word."""
        if self.leaving:
            return "leaving"
        if self.pid is None:
            return "starting"
        return "busy" if self.away else "idle"

    @property
    def is_own_thread(self) -> bool:
        """Whether the calling thread is this station's."""
        return threading.current_thread() is self._thread

    # ---- its thread ----

    def sleep(self, timeout: float | None) -> None:
        """Wait until it is woken, at most ``timeout`` seconds; None for no limit."""
        self._bell.acquire(timeout=-1 if timeout is None else timeout)

    def _run(self) -> None:
        failure: Exception | None = None
        try:
            self._attendant = Attendant(self, StationSeat(self), self.name)
            self._attendant.run()
            failure = self.broken
            if failure is None and not self._is_dismissed():
                failure = WorkerInitError(f"worker {self.number} ({self.what}) failed inside, see the log")
        except BaseException as error:
            report("the attendant of a worker failed in", self, error)
            failure = WorkerInitError(f"worker {self.number} ({self.what}) failed inside: {error}")
        finally:
            self.hub.depart(self, failure)

    # ---- the attendant's employer, see pools/roles.py ----

    @property
    def closing(self) -> bool:
        """Whether it is to leave when it has nothing more to do."""
        return self.leaving

    @property
    def queued(self) -> int:
        """How many tasks it must do before it leaves."""
        return len(self.mailbox)

    @property
    def n_workers(self) -> int:
        """How many workers the master has."""
        return len(self.hub.stations)

    @property
    def records(self) -> dict[Any, Any]:
        """What earlier deaths have left of tasks; of all workers, since any may be the next to try."""
        return self.hub.records

    def recruit(self, name: str) -> Host | None:
        """Start a process, again and ever later if that fails; None: it is to leave, or is given up."""
        wait = BACK_OFF
        while self._may_start():
            try:
                self._newborn = host = self._backend.start_worker(name)
            except WorkerDied as died:  # its traceback tells of multiprocessing, and the mistake is the program's
                self._give_up_stillborn(died.with_traceback(None))
            except Exception as error:
                self._fail_start(error, passing=isinstance(error, OSError))  # too many processes or descriptors
            else:
                if self._is_dismissed():  # it was while there was no newborn to be killed
                    host.kill()
                try:
                    ready = introduce(self, host)
                except BaseException:
                    host.bury()
                    raise
                finally:
                    self._newborn = None
                if ready:
                    self._was_ready = True
                    self.failed_starts = 0
                    self.hub.tell("on_worker_ready", self.number, host.pid)
                    return host
            if self._may_start():
                self.sleep(wait)
                wait *= 2
        return None

    def _may_start(self) -> bool:
        return self.broken is None and not self._is_dismissed()

    def _is_dismissed(self) -> bool:
        return self.hub.dropped or (self.leaving and not self.mailbox)

    def break_down(self, broken: Exception, cause: BaseException | None = None) -> None:
        """Hear from the attendant that a start has failed, or all of it; give up when there is no use in more."""
        if isinstance(cause, WorkerDied):  # the third in a row
            self._give_up_stillborn(cause)
        elif cause is None:
            self._give_up(f"was not ready within {self.plan.initializer_timeout:g} s", broken)
        else:
            self._fail_start(cause)

    def _give_up_stillborn(self, died: WorkerDied) -> None:
        if died.exit_code == NO_GUARD:
            self._give_up(f"cannot be started: {died}", died)
            self.hub.import_failure = self.broken
            return
        # An exception in __init__ would have been sent. One while the program is imported, before the worker can send
        # anything, ends Python with status 1; no other worker would get any further, so there is no use in going on.
        if not (isinstance(self._backend, LocalProcesses) and self._backend.imports_program and died.exit_code == 1):
            self._give_up(f"ended {self.failed_starts} times in a row in its __init__: {died}", died)
            return
        why = f"ended {self.failed_starts} times in a row at its start, with status 1; the tracebacks are on stderr. "
        self._give_up(why + 'Is what starts the workers under if __name__ == "__main__":?', died)
        self.hub.import_failure = self.broken

    @property
    def inherited(self) -> None:
        """Nothing: the settings come over the channel, wherever the worker is."""

    def make_broken(self, why: str) -> Exception:
        """Return what is to be told of it if it is given up."""
        return WorkerInitError(why)

    def as_raised(self, error: BaseException) -> BaseException:
        """Return what a failed task is to have as its result."""
        return error

    def fail_to_initialize(self, error: BaseException) -> None:
        """Hear what ``__init__`` raised."""
        self.break_down(WorkerInitError(str(error)), error)

    def _fail_start(self, error: BaseException, passing: bool = False) -> None:
        # What raises at the very first start would raise again. A replacement may meet with something that passes.
        self.failed_starts += 1
        if not (self._was_ready or passing) or self.failed_starts >= MOST_FAILED_STARTS:
            self._give_up(f"cannot be started: {type(error).__name__}: {error}", error)
        else:
            self.hub.tell("on_worker_died", self.number, error)

    def _give_up(self, why: str, cause: BaseException) -> None:
        self.broken = WorkerInitError(f"worker {self.number} ({self.what}) {why}")
        self.broken.__cause__ = cause
        report("a worker is given up:", self, self.broken)

    def note_death(self, died: WorkerDied) -> None:
        """Hear that a process has died; it counts if nobody wanted it to."""
        newborn_is_dismissed = self._newborn is not None and (self.leaving or self.hub.dropped)
        if not (self._is_ended or newborn_is_dismissed):
            self.deaths += 1
            self.hub.note_death(self, died)

    def lose_worker(self, died: WorkerDied, _at_task: bool) -> BaseException:
        """Return what the task is to get that a dead worker was at."""
        return died

    def drain(self, _error: object) -> None:
        """Leave what waits to the others; the departure sees to the rest."""

    def grow_to_need(self) -> None:
        """Start nobody: who adds workers is the user."""

    def __repr__(self) -> str:
        return f"<worker {self.number} ({self.what}) of a master>"
