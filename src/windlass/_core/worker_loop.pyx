"""What a worker does: take, run, settle, rest. README.md, "Crew", has the steps and the races they close."""
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdint cimport int64_t

from windlass._core cimport atomics, guard
from windlass._core.clock cimport NEVER_NS, deadline_after_ns, now_ns
from windlass._core.crew cimport Crew
from windlass._core.item_store cimport ItemStore
from windlass._core.levels cimport levels_pop
from windlass._core.lifting cimport is_liftable
from windlass._core.parker cimport Parker, spin_limit
from windlass._core.roster cimport Seat
from windlass._core.runner cimport capture_base, swap_runner, wake_kick
from windlass._core.task cimport CoreTask
from windlass._core.waitlist cimport waitlist_pop_lock_held, wake_and_release

from windlass._core.give_way import give_way


cdef class WorkerLoop(Crew):
    """A crew and the loop that its workers run. Not for use from Python: see :class:`windlass.ThreadPool`."""

    def task_of(self, worker) -> object:
        """Return the task that ``worker`` is at, or None."""
        cdef Seat seat
        for seat in list(self.seats):
            if seat.worker is worker:
                return seat.current
        return None

    def give_back(self, place) -> bool:
        """Unreserve, unless somebody answers for the place already; return whether nobody did."""
        if not place.acquire(False):
            return False
        self.unreserve()
        return True

    def serve(self, worker, place, keep_context=False) -> None:
        """Run tasks on the calling thread until the crew is done with it.

        Args:
            worker: What ``task.worker`` is to say.
            place: A lock for a place from :meth:`reserve`; acquired already if that was given back meanwhile.
            keep_context: Whether tasks find what is set in the thread's own context, by an initializer.
        """
        cdef Seat seat = Seat.__new__(Seat)
        cdef PyObject *previous
        if not place.acquire(False):
            return
        seat.home = self
        seat.worker = worker
        seat.parker = Parker()
        seat.searching = seat.can_be_given = True
        if keep_context:
            seat.base = capture_base()
        self.seats.append(seat)
        previous = swap_runner(<PyObject *> seat)
        try:
            self._loop(seat)
        finally:
            swap_runner(previous)
            wake_kick(seat)
            seat.leave()
            if seat.given is not None:      # Ctrl-C on the main thread, which finishes a pool at the interpreter's exit
                seat.given._settle(RuntimeError("the worker was interrupted before it could begin the task"), True)
            if not seat.orphan:
                self._sign_off(seat)

    def _sign_off(self, Seat seat):
        cdef Parker sleeper = None
        cdef Parker helper = None
        cdef bint spawn = False
        guard.lock(&self.store.guard)
        if not seat.gone:
            helper = self.one_less_lock_held()
        if seat.idle:
            self.leave_stack_lock_held(seat)
        if seat.searching:
            seat.searching = False
            self.searching -= 1
        # What it was on its way to, or saw when it left, is somebody else's now.
        if self.store.live_lock_held() > 0 and self.searching == 0:
            if self.idle is not None:
                sleeper = self.wake_one_lock_held()
            elif self.eager_workers < self.max_workers:
                spawn = self.reserve_lock_held()
        guard.unlock(&self.store.guard)
        if sleeper is not None:
            sleeper.wake()
        if helper is not None:
            helper.wake()
        if spawn:
            self.start_reserved()
        self.seats.remove(seat)

    cdef int _loop(self, Seat seat) except -1:
        cdef ItemStore store = self.store
        cdef PyObject *item
        cdef PyObject *putter
        cdef Parker sleeper
        cdef CoreTask task
        cdef bint claimed = False, given, spawn
        seat.now_ns = seat.released_ns = now_ns()
        while True:
            # 1. Take.
            sleeper = None
            spawn = False
            putter = NULL
            item = NULL
            guard.lock(&store.guard)
            given = seat.given is not None
            if given:
                item = <PyObject *> seat.given
                Py_INCREF(seat.given)
                seat.given = None       # `item` holds it: nothing is freed here
            elif self.retiring > 0 or self.n_workers > self.max_workers:
                if self.retiring > 0:
                    self.retiring -= 1
                seat.gone = True
                sleeper = self.one_less_lock_held()     # at once: the next one must not leave for the same reason
                guard.unlock(&store.guard)
                if sleeper is not None:
                    sleeper.wake()
                return 0
            else:
                item = levels_pop(&store.levels)
            if item != NULL:
                claimed = given or (<CoreTask> item).claim()
                if not claimed:
                    store.dead -= 1
                elif not given:
                    self.figures.running += 1
                if seat.searching:
                    seat.searching = False
                    self.searching -= 1
                if store.levels.count and self.searching == 0:
                    if self.idle is not None:
                        sleeper = self.wake_one_lock_held()
                    elif self.eager_workers < self.max_workers:
                        spawn = self.reserve_lock_held()
                if store.putters.first != NULL:
                    putter = waitlist_pop_lock_held(&store.putters)
            guard.unlock(&store.guard)
            if item == NULL:
                if not self._rest(seat):
                    return 0
                continue
            if sleeper is not None:
                sleeper.wake()
            if spawn:
                self.start_reserved()
            if putter != NULL:
                wake_and_release(putter)
            wake_kick(seat)     # the task came after the last look: it may take long
            task = <CoreTask> item
            Py_DECREF(task)     # the queue's reference; `task` holds it now
            if not claimed:
                task.on_dropped()
                task = None
                continue
            if (task.extras is not None or is_liftable(task._fn)) and not self.admit(task):
                task = None
                continue
            # 2. Run.
            seat.may_defer = True
            task.run_claimed(seat)
            seat.may_defer = False
            # 3. Settle.
            if seat.orphan:
                return 0
            guard.lock(&store.guard)
            self.account_lock_held(task)
            guard.unlock(&store.guard)
            if store.joiners.first != NULL:
                store.wake_joiners()
            task = None
            if store.levels.count:
                wake_kick(seat)
            if seat.now_ns - seat.released_ns > self.switch_ns:
                # Tasks written in C never reach the interpreter's loop, which would hand the GIL over.
                give_way()
                seat.now_ns = seat.released_ns = now_ns()

    cdef bint _rest(self, Seat seat) except -1:
        # Nothing to take: sleep until there may be. False: leave for good.
        cdef ItemStore store = self.store
        cdef int64_t deadline = NEVER_NS
        cdef int spins = 0
        cdef bint chosen
        seat.rest()     # may run finalizers, which may submit: before the last look, which is under the lock below
        guard.lock(&store.guard)
        if store.levels.count:
            guard.unlock(&store.guard)
            return True
        if seat.searching:
            seat.searching = False
            self.searching -= 1
        if self.closing and store.held == 0:
            guard.unlock(&store.guard)
            self.wake_all()     # others may have stayed for a task that was held until now
            wake_kick(seat)
            return False
        self.stand_idle_lock_held(seat)
        if self.n_workers > self.min_workers and not self.closing:
            deadline = self.idle_timeout_ns
        guard.unlock(&store.guard)
        if deadline != NEVER_NS:
            deadline = deadline_after_ns(deadline)
        seat.parker.gate = NULL
        if atomics.cas(&self.spinning, 0, 1):
            seat.parker.gate = &self.spinning
            spins = spin_limit()
        chosen = seat.parker.park_until(deadline, spins, seat.kick) == 1
        seat.kick = None
        if not chosen:
            guard.lock(&store.guard)
            if seat.idle and self.n_workers > self.min_workers:
                self.leave_stack_lock_held(seat)
                seat.gone = True
                self.n_workers -= 1
                guard.unlock(&store.guard)
                return False
            guard.unlock(&store.guard)
            # Either so many left meanwhile that this one stays; or somebody took this seat from the stack as the time
            # ran out: then the wake is on its way and must not stay behind for the next sleep.
            seat.parker.park_until(NEVER_NS, 0, None)
        seat.now_ns = seat.released_ns = now_ns()
        return True
