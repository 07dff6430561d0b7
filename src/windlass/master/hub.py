"""The hub of a master: what waits, who is owed results. Who works is in roster.py.

The threads of the workers hold the hub and not the master, so a master that nobody holds any more can go.
"""

from collections import deque
from collections.abc import Iterable
from heapq import heappush
from itertools import chain
from time import monotonic
from typing import Any

from windlass.errors import NoWorkers, PoolClosed, TaskCancelled, TaskTimeout, WorkerDied
from windlass.master.agenda import Agenda, Heap, withdraw
from windlass.master.call import AWAY, OVER, WAITING, Call
from windlass.master.hubs import register
from windlass.master.roster import Roster
from windlass.master.run import Run
from windlass.master.station import Station
from windlass.monitors.watch import Watch
from windlass.pools.errand import Record

HALTED = "the master was halted before the task began"


class Hub(Roster):
    """What the workers of one master share.

    Args:
        watch: Whom to tell; None if nobody watches.

    Thread safety:
        Safe on shared objects.
    """

    def __init__(self, watch: Watch | None) -> None:
        super().__init__()
        self.watch = watch
        # The roster's lock guards all below, too, the agenda, the stations' mailboxes, and the state of each call.
        self.agenda = Agenda()
        self.departing: set[Station] = set()  # have left, of which the monitors are still being told
        self.runs: list[Run] = []
        self.homeless: list[Station] = []  # have left, and have calls in their mailboxes all the same
        self.unowned: list[Call] = []  # added while there was no run: the next one takes them
        self.unclaimed: deque[tuple[int, Any]] = deque()  # results that came when there was no run
        self.closed: str | None = None  # why nothing is taken any more
        self.forsaken: list[Run] = []  # whose iteration was dropped; filled without the lock, see sweep()
        self.dropped = False  # by whoever held the master; set without the lock
        self.last_failure: Exception | None = None  # of a worker that was given up
        self.import_failure: Exception | None = None  # no worker can import the program: every run ends with this
        self.records: dict[Any, Record] = {}  # of tasks that took a worker down and are tried again
        self.calls = 0
        self.added = self.completed = self.failed = self.deaths = self.retried = self.timeouts = 0
        self.running = 0
        register(self)

    def tell(self, what: str, /, *args: Any, **kwargs: Any) -> None:
        """Tell whoever watches. Not with the lock held."""
        if self.watch is not None:
            self.watch.tell(what, *args, **kwargs)

    # ---- calls come ----

    def check_open(self) -> None:
        """Raise why nothing is taken, if so."""
        if self.closed is not None:
            raise PoolClosed(self.closed)

    def add(self, call: Call, run: Run | None) -> None:
        """Take a call: an argument of ``run``, or for whichever run there is."""
        self.check_open()
        self.tell("on_task_added", call.task_id, call.args[0])
        self.sweep()
        with self.lock:
            self.check_open()
            self.check_station(call)
            call.is_own = run is not None
            call.run = run = run or (self.runs[0] if self.runs else None)
            call.number = self.calls
            self.calls += 1
            self.added += 1
            if run is None:
                self.unowned.append(call)
                return
            heap = self.agenda.heap_of(call)
            entry = (call.key, call.number, call)
            call.position = run.added
            # From here on the run waits for it: Ctrl-C must not come before it is in its heap. It cannot come within
            # these lines, since there is no call but the last.
            run.added += 1
            run.owed += 1
            heappush(heap, entry)
        self.wake_for(call)
        if call.tag is not None or not self.stations:
            self.settle_homeless()

    def check_station(self, call: Call) -> None:
        """Refuse a call for a worker that is leaving."""
        if call.station is not None and call.station.leaving:
            raise NoWorkers(f"worker {call.station.number} has left")

    # ---- runs ----

    def open_run(self) -> Run:
        """Begin a run, which gets what was added before."""
        run = Run()
        self.sweep()
        with self.lock:
            self.check_open()
            self.runs.append(run)
            self._hand_over(run)
        self.wake_idle()
        self.settle_homeless()
        return run

    def sweep(self) -> None:
        """Close the runs whose iteration was dropped."""
        while self.forsaken:
            try:
                run = self.forsaken.pop()
            except IndexError:  # another thread has been faster
                return
            self.close_run(run)

    def _hand_over(self, run: Run) -> None:
        # What belongs to nobody becomes this run's.
        while self.unclaimed:
            run.arrived.append((run.added, *self.unclaimed.popleft(), False))
            run.added += 1
        unowned, self.unowned = self.unowned, []
        away = chain.from_iterable(station.away for station in self.stations.values())
        for call in [*(call for call in away if call.is_unowned), *unowned]:
            call.run, call.position = run, run.added
            run.added += 1
            run.owed += 1
            if call.state == WAITING:
                self.agenda.push(call)
                if call.station is not None and call.station.number not in self.stations:
                    self.homeless.append(call.station)

    def await_run(self, run: Run) -> bool:
        """Have the next result of a run ring; False: there is something, or there will be nothing."""
        with self.lock:
            run.is_awaited = run.open and run.owed > 0 and not run.arrived
            return run.is_awaited

    def close_run(self, run: Run) -> None:
        """End a run: its own arguments are dropped, and what was added otherwise waits for another."""
        mine: list[Call] = []  # freed after the lock: an argument's finalizer may use the master
        with self.lock:
            if not run.open:
                return
            run.open = False
            self.unclaimed.extend(came[1:3] for came in run.arrived if not came[3])
            run.arrived.clear()
            if run in self.runs:
                self.runs.remove(run)
            for heap in self._heaps():
                mine += withdraw(heap, run)
            for call in mine:
                call.run = None
                if call.is_own:
                    call.state = OVER
            self.unowned += sorted((call for call in mine if not call.is_own), key=lambda call: call.number)
            for station in self.stations.values():
                for call in station.away:
                    if call.run is run and not call.is_own:
                        call.run = None
            other = self.runs[0] if self.runs else None
            if other is not None:
                self._hand_over(other)
        run.ring()
        if other is not None:
            other.ring()
            self.wake_idle()

    def _heaps(self) -> Iterable[Heap]:
        mailboxes = (station.mailbox for station in self.stations.values())
        return chain((self.agenda.general,), self.agenda.tagged.values(), mailboxes)

    # ---- calls go, and come back ----

    def take(self, station: Station, most: int, may_rest: bool) -> list[Call]:
        """Return what a worker is to do next; if that is nothing, note that it is idle."""
        self.sweep()
        with self.lock:
            heaps = self.agenda.waiting_for(station.tags, station.mailbox)
            if station.leaving:
                heaps = [station.mailbox] if station.mailbox else []
            # Not more than its part of what waits: the others are to have something too.
            share = len(self.agenda) // max(1, len(self.stations))
            calls = self.agenda.pop(heaps, max(1, min(most, share)))
            for call in calls:
                call.state = AWAY
            station.away.update(calls)
            self.running += len(calls)
            if station in self.idle:
                self.idle.remove(station)
            if not calls and may_rest and not station.leaving:
                self.idle.append(station)
            # Whoever added it may have found nobody to wake but this worker.
            left = self.agenda.general[0][2] if calls and self.idle and self.agenda.general else None
        if left is not None:
            self.wake_for(left)
        if calls:
            now = monotonic()
            for call in calls:
                call.attached = now
            if self.watch is not None:
                for call in calls:
                    if call.tell is None:
                        self.watch.tell("on_task_attached_to_worker", station.number, call.task_id)
        return calls

    def put_back(self, station: Station, calls: list[Call]) -> None:
        """Let others have what a worker was given and has not run to its end."""
        for call in calls:
            is_retry = call in self.records
            with self.lock:
                station.away.discard(call)
                self.running -= 1
                self.retried += is_retry
                is_dropped = call.run is not None and not call.run.open
                is_over = is_dropped or self.closed is not None
                call.state = OVER if is_over else WAITING
                if call.is_unowned and not is_over:
                    self.unowned.append(call)
                elif not is_over:
                    self.agenda.push(call)  # from here on somebody else may have it
            if call.tell is None:
                self.tell("on_task_retried" if is_retry else "on_task_returned", station.number, call.task_id)
            if not is_over:
                self.wake_for(call)
            elif not is_dropped:
                self.settle(call, TaskCancelled(HALTED))

    def settle(self, call: Call, outcome: Any, failed: bool = True, station: Station | None = None) -> None:
        """End a call, which ``station`` had, or no worker."""
        call.args = ()
        run = None
        if call.tell is None and self.watch is not None:
            # Before the result is given out: after the last one, monitors are closed.
            self._tell_end(self.watch, call, station, outcome if failed else None)
        with self.lock:
            call.state = OVER
            if station is not None:  # not before: a run that ends or begins meanwhile must find it
                station.away.discard(call)
                self.running -= 1
            if call.tell is None:
                self._count(station, outcome, failed)
                run = call.run
                if run is not None and run.open:
                    run.arrived.append((call.position, call.task_id, outcome, call.is_own))
                    run.owed -= 1
                elif not call.is_own:
                    self.unclaimed.append((call.task_id, outcome))
            if self.closed is not None:
                self.departure.notify_all()
            awaited = run is not None and run.is_awaited
        if call.tell is not None:
            call.tell(call, outcome)
        if awaited and run is not None:
            run.ring()

    def _count(self, station: Station | None, outcome: Any, failed: bool) -> None:
        self.completed += not failed
        self.failed += failed
        self.timeouts += failed and isinstance(outcome, TaskTimeout)
        if station is not None:
            station.ended += 1

    @staticmethod
    def _tell_end(watch: Watch, call: Call, station: Station | None, error: BaseException | None) -> None:
        now = monotonic()
        if station is None:
            watch.tell("on_task_ended", call.task_id, None, now, now, error)
            return
        started = max(call.attached, station.last_end)  # a worker is at one task at a time
        station.last_end = now
        watch.tell("on_result_retrieved_from_worker", station.number, call.task_id)
        watch.tell("on_task_ended", call.task_id, station.number, started, now, error)

    # ---- workers ----

    def admit(self, station: Station) -> None:
        """Have a worker begin.

        Raises:
            RuntimeError: No thread can be started; it is not there then.
        """
        with self.lock:
            self.check_open()
            self.stations[station.number] = station
        try:
            station.start()
        except BaseException:
            self.depart(station, None)
            raise

    def dismiss(self, station: Station) -> None:
        """Have a worker leave after what it is at."""
        with self.lock:
            station.leaving = True
        station.dismiss()

    def note_death(self, station: Station, died: WorkerDied) -> None:
        """Count it and tell the monitors."""
        with self.lock:
            self.deaths += 1
        self.tell("on_worker_died", station.number, died)

    def depart(self, station: Station, failure: Exception | None) -> None:
        """Let a worker go for good; what only it could do fails."""
        with self.lock:
            station.leaving = True
            self.stations.pop(station.number, None)
            self.departing.add(station)
            if station in self.idle:
                self.idle.remove(station)
            own = self.agenda.take_all(station.mailbox)
            self.last_failure = failure or self.last_failure
            self.departure.notify_all()
        for call in own:
            self.settle(call, failure or NoWorkers(f"worker {station.number} has left"))
        self.settle_homeless()
        self.tell("on_worker_removed", station.number, failure)
        with self.lock:
            self.departing.discard(station)
            self.departure.notify_all()

    def settle_homeless(self) -> None:
        """Fail what no worker is left for."""
        with self.lock:
            lost = []
            served = set(chain.from_iterable(station.tags for station in self.stations.values()))
            for tag, heap in self.agenda.tagged.items():
                if heap and tag not in served:
                    lost += self.agenda.take_all(heap)
            if not self.stations:
                lost += self.agenda.take_all(self.agenda.general)
            while self.homeless:
                lost += self.agenda.take_all(self.homeless.pop().mailbox)
            failure = self.last_failure
        for call in lost:
            self.settle(call, failure or NoWorkers(call.why_homeless()))

    # ---- the end ----

    def close(self, why: str) -> list[Station]:
        """Take nothing more, drop what waits and let the workers go; return those there are."""
        with self.lock:
            stations = list(self.stations.values())
            lost = list(chain.from_iterable(map(self.agenda.take_all, self._heaps())))
            lost += [call for call in self.unowned if call.state == WAITING]
            self.unowned = []
            self.closed = self.closed or why
            for station in stations:
                station.leaving = True
        for call in lost:
            self.settle(call, TaskCancelled(HALTED))
        for station in stations:
            station.dismiss()
        return stations

    def reset_after_fork(self) -> None:
        """In a forked child, whose workers these are not."""
        super().reset_after_fork()
        self.watch = None  # another thread may have been telling it
        self.closed = "this process is a fork of the master's: it has no workers"
        self.agenda = Agenda()
        self.departing, self.unowned = set(), []
        runs, self.runs = self.runs, []
        for run in runs:
            run.owed = 0
            run.ring()
