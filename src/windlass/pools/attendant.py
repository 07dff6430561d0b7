"""The thread beside a worker process: takes tasks, sends them, receives their outcomes, notices a death.

``processes/README.md`` has the steps and the races they close.
"""

import threading
from time import monotonic, monotonic_ns
from typing import Any

from windlass._core.chunk_stream import Failure
from windlass._core.report import report
from windlass.errors import PoisonTask, TaskTimeout, WaitTimeout, WorkerDied
from windlass.pools.errand import Errand, Record, holds_up, keep_record, limit_ns_of, release_semaphore, take_unbegun
from windlass.pools.pace import TAKE_BACK_NS, Pace
from windlass.pools.recruit import AT_TASK, GRACE, died_of
from windlass.pools.roles import AttendantSeat, Employer
from windlass.processes import messages, relay
from windlass.processes.channel import Message, frame
from windlass.processes.host import WorkerHost
from windlass.processes.host_interface import Host
from windlass.processes.transfer import RESULT_NOT_UNPICKLED, transfer_error
from windlass.task import Task


class Attendant:
    """What one thread does for one worker process, and for those that replace it.

    Args:
        crew: Whose.
        seat: Where it takes tasks.
        name: Of the processes.

    Thread safety:
        Incompatible: it belongs to its thread, but for :meth:`end`.
    """

    def __init__(self, crew: Employer, seat: AttendantSeat, name: str) -> None:
        self.thread = threading.current_thread()
        self.host: Host | None = None
        self._crew = crew
        self._plan = crew.plan
        self.seat = seat
        self._name = name
        self._away: dict[int, Errand] = seat.away  # by number of the call, which rises
        self._lock = threading.Lock()  # guards the giving of numbers, and what end() does
        self._verdict: BaseException | None = None  # of whatever it would send from now on
        self._pace = Pace()
        self._served = 0  # tasks sent to this process
        self._died_idle = False
        seat.serve(self._prepare, self._leave, messages.VALUE)

    def run(self) -> None:
        """Serve until the crew is done with this worker."""
        try:
            self._serve()
        except BaseException as error:
            report("a worker's attendant failed in", self._crew, error)
            broken = self._crew.make_broken("the pool failed inside and is not usable anymore")
            self._crew.break_down(broken, error)
            for errand in list(self._away.values()):  # these stay: the process may be at one, and is killed below
                self._settle(errand, *errand.failed(broken))
            for task in self.seat.taken():  # what was on its way from here to there, or back
                self.seat.settle(task, *Errand(task, 0, None).failed(broken))
        finally:
            self._dismiss()

    def _serve(self) -> None:
        crew, seat = self._crew, self.seat
        while True:
            idle_end = crew.closing and not crew.queued
            if self.host is None and not idle_end and not self._died_idle and not self._start():
                return
            tasks = seat.take(self._room())
            if tasks is None:
                return
            if not tasks:
                self._hear()
            elif self.host is None and not self._start():
                seat.put_back(tasks)
                if crew.broken is not None or crew.n_workers <= 1:  # else the others do them, or who leaves last
                    crew.drain(crew.broken or crew.make_broken("no worker process can be started"))
                return
            else:
                self._send(tasks)
            del tasks  # nor their results, while it waits for more
            # A message of which a part is away must go out whole before anybody else writes to the socket.
            while self._away or (self.host is not None and self.host.is_sending):
                self._turn()
            if self.host is not None and self._is_worn():
                self._dismiss()

    def _start(self) -> bool:
        # False: this worker leaves.
        crew = self._crew
        host = crew.recruit(self._name)
        if host is None:
            if crew.broken is not None:  # what has come back into the queue since it broke
                crew.drain(crew.broken)
            return False
        self._served = 0
        self._died_idle = False
        self.host = host
        self.seat.attach(host, self._takes_direct_calls)
        return True

    def _dismiss(self) -> None:
        if self.seat.is_orphan:  # a callback has forked: the process is the parent's
            return
        self.seat.detach()
        with self._lock:  # from here on its death is no news
            host, self.host = self.host, None
        if host is not None:
            host.bury() if self._away else host.stop(GRACE)

    def is_with(self, host: Host) -> bool:
        """Return whether it attends ``host`` and wants it to live. Any thread may ask."""
        with self._lock:
            return self.host is host

    # ---- in place of this thread, see direct_seat ----

    @property
    def _takes_direct_calls(self) -> bool:
        plan = self._plan
        return plan.task_timeout is None and not plan.max_tasks and not plan.max_memory

    def _prepare(self, task: Task[Any], number: int) -> tuple[Errand, Any]:
        # For a task without options, on the thread that submits it.
        errand = Errand(task, 0, None)
        message = errand.encode(number)
        return errand, message if isinstance(message, messages.Outcome) else frame(*message)

    @staticmethod
    def _leave(value: Any, failed: bool, run_ns: int) -> messages.Outcome:
        # What was unpickled, or raised by that, on a thread that waited for it.
        return messages.Outcome(transfer_error(RESULT_NOT_UNPICKLED, value) if failed else value, failed, run_ns)

    def _hear(self) -> None:
        # What others have left to this thread, and what an idle worker has to say.
        host = self.host
        if host is None:
            return
        left = self.seat.take_left()
        if isinstance(left, messages.Outcome):
            _, errand = self._away.popitem()
            self._settle(errand, left.value, left.failed, True, left.run_ns)
        elif left is not None:
            assert isinstance(host, WorkerHost)  # no other is sent to past it
            host.send_rest(left) if isinstance(left, bytes) else host.send(left)
            host.flush()
        if not self._away:
            for message in host.receive(0):
                self._take_in(message)
            if host.is_gone:
                self._died_idle = True  # another is started when there is something to do
                self._lose(host)

    # ---- sending ----

    def _room(self) -> int:
        # How many more tasks this worker may have.
        window = self._pace.window
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
            if not holds_up(task):
                self._send_one(task)
                continue
            if self._away:  # alone, or it might wait for one that it has sent itself
                self.seat.put_back(tasks[at:])
            else:
                self.seat.put_back(tasks[at + 1 :])  # they need not wait for it
                self._acquire_and_send(task)
            break
        if self.host is not None:
            self.host.flush()

    def _acquire_and_send(self, task: Task[Any]) -> None:
        try:
            task.semaphore.acquire()
        except BaseException as error:
            self.seat.settle(task, error, True)
        else:
            self._send_one(task)

    def _send_one(self, task: Task[Any]) -> None:
        host = self.host
        assert host is not None
        record = self._crew.records.get(task) if self._crew.records else None
        errand = Errand(task, limit_ns_of(task, self._plan.task_timeout), record)
        with self._lock:
            errand.verdict = self._verdict
            number = self.seat.number
            self.seat.number += 1
            self._away[number] = errand
        message = errand.encode(number)
        if isinstance(message, messages.Outcome):
            del self._away[number]
            self._settle(errand, message.value, message.failed)
            return
        if task._options is not None and task._options.on_start is not None:
            task._options.on_start(task)
        host.send(message)
        self._served += 1

    def _is_due(self, task: Task[Any]) -> bool:
        deadline = task._options.deadline  # type: ignore[union-attr]
        if deadline is None or monotonic() <= deadline:
            return True
        self.seat.settle(task, WaitTimeout("the deadline passed before the task started"), True)
        return False

    # ---- receiving ----

    def _turn(self) -> None:
        host = self.host
        assert host is not None
        try:
            came = host.receive(self._patience(host))
        except MemoryError as error:  # an answer larger than this process can hold: nothing more can be understood
            errand = self._away.get(host.page.running) or next(iter(self._away.values()))
            errand.verdict = error
            host.kill()
            return
        for message in came:
            self._take_in(message)
        if host.is_gone:
            self._lose(host)
        elif not came:
            self._look_after(host)
        elif self._away and not self._is_worn() and (room := self._room()) > 0:
            tasks = self.seat.take_more(room)
            if tasks:
                self._send(tasks)

    def _patience(self, host: Host) -> float | None:
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
        self._pace.note(outcome.run_ns)
        value, failed = errand.finished(outcome)
        self._settle(errand, value, failed, not self._away, outcome.run_ns)

    def _settle(self, errand: Errand, outcome: Any, failed: bool, last: bool = False, run_ns: int = 0) -> None:
        task = errand.task
        if self._crew.records:
            self._crew.records.pop(task, None)
        if failed:
            outcome = self._crew.as_raised(outcome)
        self.seat.settle(task, outcome, failed, last, run_ns)
        release_semaphore(task)

    def _return(self, errand: Errand) -> None:
        # It was not begun: somebody else may have it, unless it has been ended meanwhile.
        if errand.verdict is not None:
            self._settle(errand, *errand.failed(errand.verdict))
            return
        release_semaphore(errand.task)
        self.seat.put_back([errand.task])

    # ---- what takes too long ----

    def _look_after(self, host: Host) -> None:
        number = host.page.running
        errand = self._away.get(number)
        if errand is None:
            return
        ran_ns = monotonic_ns() - host.page.started_ns
        if errand.limit_ns and ran_ns >= errand.limit_ns:
            self.end(errand.task, TaskTimeout(f"the task ran longer than its {errand.limit_ns / 1e9:g} s"))
        elif len(self._away) > 1 and ran_ns >= TAKE_BACK_NS:
            self._pace.begin_again(ran_ns)
            self._take_back(host)

    def _take_back(self, host: Host) -> None:
        host.page.revoke_below(self.seat.number)
        begun = host.page.begun  # read after: see revoke_below
        back = [number for number in self._away if number > begun]
        tasks = []
        for number in back:
            errand = self._away.pop(number)
            if errand.verdict is not None:
                self._settle(errand, *errand.failed(errand.verdict))
            else:
                tasks.append(errand.task)
        self.seat.put_back(tasks)
        self._crew.grow_to_need()

    def end(self, task: Task[Any] | None, error: BaseException) -> bool:
        """End ``task``, or for None all that it has and will have, with ``error``; kill the worker if it is at it.

        Returns:
            Whether the task is with this worker.

        Thread safety:
            Safe on shared objects.
        """
        with self._lock:
            if task is None:
                self._verdict = error
            direct = self.seat.pause()
            doomed = self.seat.doom(task, self._crew.as_raised(error))
            host = self.host
            away = [(n, e) for n, e in self._away.copy().items() if task is None or e.task is task]
            killed = False
            if host is not None and away:
                # From here on the worker begins nothing else: the kill below meets one of these or nobody.
                host.page.revoke_below(self.seat.number)
                for number, errand in away:
                    errand.verdict = error
                    if host.page.running == number:
                        host.kill()
                        killed = True
            if direct and not killed:
                self.seat.resume()
            return doomed or (host is not None and bool(away))

    # ---- death ----

    def _lose(self, host: Host) -> None:
        running = host.page.running
        self.seat.detach()
        with self._lock:  # end() must not kill what has gone, and whose descriptor may be another's soon
            away = dict(self._away)
            self._away.clear()
            self.host = None
        culprit = away.pop(running, None)
        if culprit is None:
            culprit = take_unbegun(away, self._crew.records)
        died = died_of(host, AT_TASK)
        self._crew.note_death(died)
        back = [errand for errand in away.values() if errand.verdict is None]
        for errand in back:
            release_semaphore(errand.task)
        self.seat.put_back([errand.task for errand in back])
        for errand in away.values():
            if errand.verdict is not None:
                self._settle(errand, *errand.failed(errand.verdict))
        on_purpose = culprit is not None and culprit.verdict is not None
        error = died if on_purpose else self._crew.lose_worker(died, culprit is not None)
        if culprit is not None:
            self._charge(culprit, culprit.position_of(host.page.item), died, error)

    def _charge(self, errand: Errand, position: int, died: WorkerDied, error: BaseException) -> None:
        plan, task = self._crew.plan, errand.task  # as it is now
        record = self._crew.records.get(task) or Record()
        if errand.verdict is not None:
            error = errand.verdict
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
        release_semaphore(errand.task)
        keep_record(self._crew.records, errand.task, record)
        self.seat.put_back([errand.task])
