"""The thread beside a worker process: takes tasks, sends them, receives their outcomes, notices a death.

``processes/README.md`` has the steps and the races they close.
"""

import threading
from time import monotonic, monotonic_ns
from typing import TYPE_CHECKING, Any

from windlass._core.chunk_stream import Failure
from windlass._core.remote_seat import MOST, RemoteSeat
from windlass._core.report import report
from windlass.errors import BrokenPool, PoisonTask, TaskTimeout, WaitTimeout, WorkerDied
from windlass.pools.errand import Errand, Record
from windlass.pools.recruit import GRACE, died_of
from windlass.processes import messages, relay
from windlass.processes.channel import Message
from windlass.processes.host import WorkerHost
from windlass.task import Task

if TYPE_CHECKING:
    from windlass.pools.process_crew import ProcessCrew

# A worker is sent what it does in about this long, so that it does not wait for more; and nothing beforehand if its
# tasks take longer than SHORT_NS.
AHEAD_NS = 2_000_000
SHORT_NS = 1_000_000
# What waits behind a task that has taken this long is taken back for the other workers.
TAKE_BACK_NS = 5_000_000


class Attendant:
    """What one thread does for one worker process, and for those that replace it.

    Args:
        crew: Whose.
        seat: Where it takes tasks.
        name: Of the processes.

    Thread safety:
        Incompatible: it belongs to its thread, but for :meth:`end`.
    """

    def __init__(self, crew: "ProcessCrew", seat: RemoteSeat, name: str) -> None:
        self.thread = threading.current_thread()
        self.host: WorkerHost | None = None
        self._crew = crew
        self._plan = crew.plan
        self._seat = seat
        self._name = name
        self._away: dict[int, Errand] = {}  # by number of the call, which rises
        self._next = 1
        self._lock = threading.Lock()  # guards the giving of numbers, and what end() does
        self._pace_ns: float | None = None  # a moving mean of run times
        self._served = 0  # tasks sent to this process

    def run(self) -> None:
        """Serve until the crew is done with this worker."""
        try:
            self._serve()
        except BaseException as error:
            report("a worker's attendant failed in", self._crew, error)
            broken = BrokenPool("the pool failed inside and is not usable anymore")
            self._crew.break_down(broken, error)
            for errand in list(self._away.values()):
                self._settle(errand, *errand.failed(broken))
            self._away = {}
        finally:
            if self.host is not None:
                self.host.bury() if self._away else self.host.stop(GRACE)
                self.host = None

    def _serve(self) -> None:
        crew, seat = self._crew, self._seat
        while True:
            idle_end = crew.closing and not crew.queued
            if self.host is None and not idle_end and not self._start():
                return
            tasks = seat.take(self._room())
            if tasks is None:
                return
            if self.host is None and not self._start():
                seat.put_back(tasks)
                crew.drain(crew.broken or BrokenPool("no worker process can be started"))
                return
            self._send(tasks)
            while self._away:
                self._turn()
            if self.host is not None and self._is_worn():
                self.host.stop(GRACE)
                self.host = None

    def _start(self) -> bool:
        # False: this worker leaves.
        host = self._crew.recruit(self._name)
        if host is None:
            return False
        self._served = 0
        self.host = host
        return True

    # ---- sending ----

    def _room(self) -> int:
        # How many more tasks this worker may have.
        if self._pace_ns is None or self._pace_ns > SHORT_NS:
            window = 1
        else:
            window = min(MOST, int(AHEAD_NS / max(self._pace_ns, 1)) + 1)
        if self._plan.max_tasks:
            window = min(window, len(self._away) + self._plan.max_tasks - self._served)
        if window > 1 and 2 * len(self._away) > window:
            return 0  # by halves: each message costs both sides something
        return window - len(self._away)

    def _is_worn(self) -> bool:
        plan, host = self._plan, self.host
        if plan.max_tasks and self._served >= plan.max_tasks:
            return True
        return bool(plan.max_memory and host is not None and host.page.memory > plan.max_memory)

    def _send(self, tasks: list[Task[Any]]) -> None:
        for at, task in enumerate(tasks):
            if task._options is not None and not self._is_due(task):
                continue
            if task.semaphore is None:
                self._send_one(task)
                continue
            if self._away:  # alone, or it might wait for one that it has sent itself
                self._seat.put_back(tasks[at:])
            else:
                self._seat.put_back(tasks[at + 1 :])  # they need not wait for it
                self._acquire_and_send(task)
            break
        if self.host is not None:
            self.host.flush()

    def _acquire_and_send(self, task: Task[Any]) -> None:
        try:
            task.semaphore.acquire()
        except BaseException as error:
            self._seat.settle(task, error, True)
        else:
            self._send_one(task)

    def _send_one(self, task: Task[Any]) -> None:
        host = self.host
        assert host is not None
        errand = Errand(task, self._limit_of(task), self._crew.records.get(task) if self._crew.records else None)
        with self._lock:
            number = self._next
            self._next += 1
            self._away[number] = errand
        try:
            encoded = errand.encode(number)
        except Exception as error:
            del self._away[number]
            self._settle(errand, *errand.failed(error))
            return
        if encoded is None:
            del self._away[number]
            self._settle(errand, *errand.no_items_left())
            return
        if task._options is not None and task._options.on_start is not None:
            task._options.on_start(task)
        host.send(encoded)
        self._served += 1

    def _is_due(self, task: Task[Any]) -> bool:
        deadline = task._options.deadline  # type: ignore[union-attr]
        if deadline is None or monotonic() <= deadline:
            return True
        self._seat.settle(task, WaitTimeout("the deadline passed before the task started"), True)
        return False

    def _limit_of(self, task: Task[Any]) -> int:
        options = task._options
        limit = options.task_timeout if options is not None else None
        if limit is None:
            limit = self._plan.task_timeout
        return 0 if limit is None else max(1, int(limit * 1e9))

    # ---- receiving ----

    def _turn(self) -> None:
        host = self.host
        assert host is not None
        came = host.receive(self._patience(host))
        for message in came:
            self._take_in(message)
        if host.is_gone:
            self._lose(host)
        elif not came:
            self._look_after(host)
        elif self._away and not self._is_worn() and (room := self._room()) > 0:
            tasks = self._seat.take_more(room)
            if tasks:
                self._send(tasks)

    def _patience(self, host: WorkerHost) -> float | None:
        # Until something must be looked after, in seconds.
        wait_ns = TAKE_BACK_NS if len(self._away) > 1 else 0
        limits = [errand.limit_ns for errand in self._away.values() if errand.limit_ns]
        if limits:
            errand = self._away.get(host.page.running)
            left = min(limits)
            if errand is not None and errand.limit_ns:
                left = max(1, host.page.started_ns + errand.limit_ns - monotonic_ns())
            wait_ns = min(wait_ns, left) if wait_ns else left
        return wait_ns / 1e9 if wait_ns else None

    def _take_in(self, message: Message) -> None:
        if message.kind == messages.LOG:
            relay.deliver(message.body)
            return
        (number,) = messages.NUMBER.unpack_from(message.body)
        errand = self._away.pop(number, None)
        if errand is None:  # it was taken back
            return
        if message.kind == messages.REFUSED:
            self._return(errand)
            return
        outcome = messages.decode_outcome(message)
        pace = self._pace_ns
        self._pace_ns = outcome.run_ns if pace is None else pace + 0.25 * (outcome.run_ns - pace)
        value, failed = errand.finished(outcome)
        self._settle(errand, value, failed, last=not self._away)

    def _settle(self, errand: Errand, outcome: Any, failed: bool, last: bool = False) -> None:
        task = errand.task
        if self._crew.records:
            self._crew.records.pop(task, None)
        self._seat.settle(task, outcome, failed, last)
        _release(task)

    def _return(self, errand: Errand) -> None:
        # It was not begun: somebody else may have it, unless it has been ended meanwhile.
        if errand.verdict is not None:
            self._settle(errand, *errand.failed(errand.verdict))
            return
        _release(errand.task)
        self._seat.put_back([errand.task])

    # ---- what takes too long ----

    def _look_after(self, host: WorkerHost) -> None:
        number = host.page.running
        errand = self._away.get(number)
        if errand is None:
            return
        ran_ns = monotonic_ns() - host.page.started_ns
        if errand.limit_ns and ran_ns >= errand.limit_ns:
            self.end(errand.task, TaskTimeout(f"the task ran longer than its {errand.limit_ns / 1e9:g} s"))
        elif len(self._away) > 1 and ran_ns >= TAKE_BACK_NS:
            self._pace_ns = ran_ns
            self._take_back(host)

    def _take_back(self, host: WorkerHost) -> None:
        host.page.revoke_below(self._next)
        begun = host.page.begun  # read after: see revoke_below
        back = [number for number in self._away if number > begun]
        tasks = []
        for number in back:
            errand = self._away.pop(number)
            if errand.verdict is not None:
                self._settle(errand, *errand.failed(errand.verdict))
            else:
                tasks.append(errand.task)
        self._seat.put_back(tasks)
        self._crew.grow_to_need()

    def end(self, task: Task[Any] | None, error: BaseException) -> bool:
        """End ``task``, or whatever is away if None, with ``error``; kill the worker if it is at it.

        Returns:
            Whether the task is with this worker.

        Thread safety:
            Safe on shared objects.
        """
        with self._lock:
            host = self.host
            away = [(n, e) for n, e in list(self._away.items()) if task is None or e.task is task]
            if host is None or not away:
                return False
            # From here on the worker begins nothing else: the kill below meets one of these or nobody.
            host.page.revoke_below(self._next)
            for number, errand in away:
                errand.verdict = error
                if host.page.running == number:
                    host.kill()
            return True

    # ---- death ----

    def _lose(self, host: WorkerHost) -> None:
        running = host.page.running
        with self._lock:  # end() must not kill what has gone, and whose descriptor may be another's soon
            away, self._away = self._away, {}
            self.host = None
        culprit = away.pop(running, None)
        died = died_of(host, "at this task")
        self._crew.note_death(died)
        back = [errand for errand in away.values() if errand.verdict is None]
        for errand in back:
            _release(errand.task)
        self._seat.put_back([errand.task for errand in back])
        for errand in away.values():
            if errand.verdict is not None:
                self._settle(errand, *errand.failed(errand.verdict))
        if culprit is not None:
            self._charge(culprit, culprit.position_of(host.page.item), died)

    def _charge(self, errand: Errand, position: int, died: WorkerDied) -> None:
        plan, task = self._plan, errand.task
        record = self._crew.records.get(task) or Record()
        error: BaseException = died
        if errand.verdict is not None:
            error = errand.verdict
        elif plan.on_crash == "break":
            self._crew.break_down(BrokenPool(f"a worker died and on_crash is 'break': {died}"), died)
        elif plan.on_crash == "retry":
            record.crashes[position] = crashes = record.crashes.get(position, 0) + 1
            if crashes < plan.max_crashes:
                self._try_again(errand, record)
                return
            error = PoisonTask(f"the task took down {crashes} workers; the last: {died}", died.pid, died.args[2])
        if not errand.is_chunk:
            self._settle(errand, error, True)
            return
        record.failures.update(errand.failures)
        record.failures[position] = Failure(error)
        self._try_again(errand, record)

    def _try_again(self, errand: Errand, record: Record) -> None:
        _release(errand.task)
        self._crew.records[errand.task] = record
        self._seat.put_back([errand.task])


def _release(task: Task[Any]) -> None:
    if task.semaphore is not None:
        try:
            task.semaphore.release()
        except BaseException as error:  # the user's object: the worker is not to suffer
            report("exception in the semaphore of", task, error)
